"""What happened on each day, as a mail would tell it."""

import asyncio

from digest.job import DigestJob
from digest.settings import Settings


async def main():
    settings = Settings.read("digest.json")
    job = DigestJob(settings)
    for letter in await job.letters():
        print(letter)
    print(job.closing())


asyncio.run(main())
