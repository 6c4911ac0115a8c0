"""The table of attacks: what somebody might try, and the tests that prove that it is refused in words and does nothing.

A test is named by its module below ``tests``, and its function. A row without a test is no row.
"""

SLACK, EDITED = "hostile.test_slack_attacks", "hostile.test_edited_presses"
GITLAB = "hostile.test_gitlab_attacks"
UNTRUSTED = "scenarios.test_untrusted"
LINK, LINK_ATTACKS = "scenarios.test_link", "scenarios.test_link_attacks"
LINKS = "scenarios.test_link_attacks"

ATTACKS: dict[str, tuple[str, ...]] = {
    # at the door that Slack calls
    "a wrong signature": (f"{SLACK}:test_a_wrong_signature", "bot.slack.test_front:test_another_secret_signs_nothing"),
    "an old timestamp": (f"{SLACK}:test_an_old_timestamp", "bot.slack.test_front:test_an_old_request_is_refused"),
    "a replay": (f"{SLACK}:test_a_replay", f"{GITLAB}:test_a_replayed_hook"),
    "an oversized body": (f"{GITLAB}:test_an_oversized_request_of_slacks", f"{GITLAB}:test_an_oversized_hook"),
    # who
    "another workspace": (
        f"{SLACK}:test_another_workspace",
        f"{SLACK}:test_another_workspaces_alert_and_command",
    ),
    "a member of a Slack Connect organisation": (
        f"{SLACK}:test_a_slack_connect_member",
        f"{SLACK}:test_a_slack_connect_member_whose_press_names_no_workspace",
        f"{SLACK}:test_a_shared_channel_gets_no_card",
    ),
    "a guest": (f"{SLACK}:test_a_guest",),
    "another user's modal": (
        f"{SLACK}:test_another_users_modal",
        f"{EDITED}:test_another_view",
        f"{EDITED}:test_another_users_dialog_of_a_flag",
        f"{EDITED}:test_another_users_dialog_of_a_cancellation",
    ),
    "a link opened by another person": (
        f"{LINKS}:test_a_page_that_was_sent_on_wants_a_code_that_only_its_asker_has",
        f"{LINKS}:test_gitlabs_page_that_was_sent_on_links_nothing",
        f"{LINKS}:test_who_is_talked_into_the_whole_way_is_refused_at_its_end",
        "scenarios.test_link_device:test_mallorys_code_entered_by_somebody_else_is_refused",
    ),
    "an expired link state": (
        "scenarios.test_link:test_after_ten_minutes_it_is_over",
        "scenarios.test_link:test_it_works_once",
        "scenarios.test_link:test_a_newer_invitation_ends_the_older_one",
    ),
    "a guessed link code": ("scenarios.test_link:test_five_wrong_codes_end_it",),
    "a forged link form": (f"{LINKS}:test_another_site_can_not_fill_in_the_form",),
    "a person without the right": (
        f"{SLACK}:test_a_person_without_the_right",
        f"{SLACK}:test_a_person_whom_the_protection_leaves_out",
        "scenarios.test_link_wish:test_gitlab_decides_what_can_not_be_seen",
        "scenarios.test_rolling_back:test_who_is_not_in_the_people_table_is_refused",
    ),
    "a protection that can't be read": (
        f"{SLACK}:test_a_protection_that_cannot_be_read",
        "scenarios.test_link_wish:test_the_bots_own_token_refuses_what_it_can_not_read",
    ),
    # linking one's GitLab account
    "a link that another person opens": (
        f"{LINK_ATTACKS}:test_a_page_that_was_sent_on_wants_a_code_that_only_its_asker_has",
        f"{LINK_ATTACKS}:test_gitlabs_page_that_was_sent_on_links_nothing",
        f"{LINK_ATTACKS}:test_who_is_talked_into_the_whole_way_is_refused_at_its_end",
        f"{LINK_ATTACKS}:test_another_site_can_not_fill_in_the_form",
        "scenarios.test_link_device:test_mallorys_code_entered_by_somebody_else_is_refused",
    ),
    "an expired, used or made up link": (
        f"{LINK}:test_after_ten_minutes_it_is_over",
        f"{LINK}:test_it_works_once",
        f"{LINK}:test_five_wrong_codes_end_it",
        f"{LINK_ATTACKS}:test_addresses_that_somebody_made_up_are_over",
    ),
    # what comes back from outside
    "edited private metadata": (
        f"{EDITED}:test_edited_private_metadata",
        f"{EDITED}:test_edited_metadata_that_says_something_else_was_seen",
        f"{EDITED}:test_edited_metadata_that_names_another_flag",
    ),
    "an edited button value": (
        f"{EDITED}:test_an_edited_button_value",
        "scenarios.test_old_screens:test_only_what_is_ruled_out_is_put_back",
        f"{EDITED}:test_a_button_value_of_another_channels_card",
        f"{EDITED}:test_a_button_that_speaks_of_another_change",
    ),
    # words of strangers
    "markup in an alert, a title, a branch, a name, on Slack's side": (
        f"{UNTRUSTED}:test_foreign_text_is_no_markup_in_slack",
        "hostile.test_hostile_messages:test_no_message_raises_or_acts",
    ),
    "a quick action, @all, a closing keyword in an alert, a title, a branch, a name, on GitLab's side": (
        f"{UNTRUSTED}:test_foreign_text_is_no_command_in_gitlab",
        "hostile.test_hostile_messages:test_no_message_raises_or_acts",
    ),
    "markup in a question": (f"{UNTRUSTED}:test_a_question_is_quoted_without_its_markup",),
    # GitLab's webhook
    "header injection in a webhook": (
        f"{GITLAB}:test_header_injection",
        f"{GITLAB}:test_a_delivery_key_that_is_none",
    ),
    "a webhook without a secret": (
        f"{GITLAB}:test_a_webhook_without_a_secret",
        "bot.test_web:test_what_is_not_rightly_signed_is_refused",
    ),
    "path tricks in a project's name": (
        f"{GITLAB}:test_path_tricks_in_the_settings",
        f"{GITLAB}:test_path_tricks_in_hooks",
        f"{GITLAB}:test_path_tricks_in_alerts_and_questions",
        f"{GITLAB}:test_no_part_of_an_address_leads_elsewhere",
    ),
}
