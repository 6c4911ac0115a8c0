"""The types, with GitLab's names (docs.gitlab.com/api/graphql/reference)."""

from __future__ import annotations

from graphql import build_schema

SCHEMA = build_schema(
    """
    scalar Time
    scalar IssueID

    enum DeploymentStatus { CREATED RUNNING SUCCESS FAILED CANCELED SKIPPED BLOCKED }
    enum SortDirection { ASC DESC }
    enum MergeRequestState { merged opened closed locked all }
    enum IssuableState { opened closed locked all }
    enum IssuableSeverity { UNKNOWN LOW MEDIUM HIGH CRITICAL }
    enum CiJobStatus { CREATED PENDING RUNNING SUCCESS FAILED CANCELED SKIPPED MANUAL }
    enum DeploymentTier { PRODUCTION STAGING TESTING DEVELOPMENT OTHER }

    input DeploymentsOrderByInput { createdAt: SortDirection, finishedAt: SortDirection }

    type Query {
      project(fullPath: ID!): Project
      queryComplexity: QueryComplexity
    }
    type QueryComplexity { score: Int, limit: Int }
    type PageInfo { hasNextPage: Boolean!, endCursor: String }

    type Project {
      id: ID!
      fullPath: ID!
      environment(name: String): Environment
      mergeRequests(iids: [String!], state: MergeRequestState, first: Int): MergeRequestConnection
      issues(iids: [String!], state: IssuableState, first: Int): IssueConnection
      incidentManagementEscalationPolicies(first: Int): EscalationPolicyTypeConnection
      incidentManagementTimelineEvents(incidentId: IssueID!, first: Int): TimelineEventTypeConnection
    }
    type TimelineEventTypeConnection { nodes: [TimelineEventType] }
    type TimelineEventType { id: ID!, note: String, occurredAt: Time!, author: UserCore }
    type Environment {
      id: ID!
      name: String!
      tier: DeploymentTier
      state: String!
      externalUrl: String
      deployments(statuses: [DeploymentStatus!], orderBy: DeploymentsOrderByInput, first: Int): DeploymentConnection
    }
    type DeploymentConnection { pageInfo: PageInfo!, nodes: [Deployment] }
    type Deployment {
      id: ID!
      iid: ID
      ref: String
      tag: Boolean
      sha: String
      status: DeploymentStatus
      createdAt: Time
      finishedAt: Time
      triggerer: UserCore
      commit: Commit
      job: CiJob
    }
    type Commit { sha: String!, title: String, authoredDate: Time, authorName: String, author: UserCore }
    type CiJob {
      id: ID
      name: String
      status: CiJobStatus
      retryable: Boolean!
      playable: Boolean!
      retryPath: String
      webPath: String
      pipeline: Pipeline
    }
    type Pipeline { id: ID!, iid: String! }
    type UserCore { id: ID!, username: String!, name: String!, state: String!, webUrl: String!, bot: Boolean! }
    type UserConnection { nodes: [UserCore] }
    type Label { id: ID!, title: String! }
    type LabelConnection { nodes: [Label] }

    type MergeRequestConnection { pageInfo: PageInfo!, nodes: [MergeRequest] }
    type MergeRequest {
      id: ID!
      iid: String!
      title: String!
      description: String
      state: MergeRequestState!
      webUrl: String
      createdAt: Time!
      mergedAt: Time
      mergeCommitSha: String
      diffHeadSha: String
      commitCount: Int
      author: UserCore
      mergeUser: UserCore
      approvedBy(first: Int): UserConnection
      labels(first: Int): LabelConnection
      diffStatsSummary: DiffStatsSummary
      diffStats: [DiffStats!]
    }
    type DiffStatsSummary { fileCount: Int!, additions: Int!, deletions: Int!, changes: Int! }
    type DiffStats { path: String!, additions: Int!, deletions: Int! }

    type IssueConnection { pageInfo: PageInfo!, nodes: [Issue] }
    type Issue {
      id: ID!
      iid: ID!
      title: String!
      state: IssuableState!
      type: String
      severity: IssuableSeverity
      escalationStatus: String
      escalationPolicy: EscalationPolicyType
      assignees: UserConnection
      labels(first: Int): LabelConnection
      webUrl: String!
    }
    type EscalationPolicyTypeConnection { nodes: [EscalationPolicyType] }
    type EscalationPolicyType { id: ID, name: String, onCallUsers: [OncallUser!] }
    type OncallUser { user: UserCore }

    type Mutation {
      issueSetSeverity(input: IssueSetSeverityInput!): IssueSetSeverityPayload
      issueSetEscalationPolicy(input: IssueSetEscalationPolicyInput!): IssueSetEscalationPolicyPayload
      timelineEventCreate(input: TimelineEventCreateInput!): TimelineEventCreatePayload
    }
    input TimelineEventCreateInput { incidentId: IssueID!, note: String!, occurredAt: Time! }
    type TimelineEventCreatePayload { errors: [String!]! }
    input IssueSetSeverityInput { projectPath: ID!, iid: String!, severity: IssuableSeverity! }
    input IssueSetEscalationPolicyInput { projectPath: ID!, iid: String!, escalationPolicyId: ID }
    type IssueSetSeverityPayload { errors: [String!]!, issue: Issue }
    type IssueSetEscalationPolicyPayload { errors: [String!]!, issue: Issue }
    """
)
