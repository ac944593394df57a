"""Runs scim2-tester against a server and prints what is not as the RFCs say: one line each, then a count."""

import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

address, key = sys.argv[1:3]
http = httpx2.Client(base_url=f"http://{address}/scim/v2", headers={"Authorization": f"Bearer {key}"})
results = check_server(SyncSCIMClient(http))
for result in results:
    if result.status not in (Status.SUCCESS, Status.SKIPPED):
        print(result.status.name, result.title, result.reason, str(result.data)[:300], sep=" | ")
print(f"{sum(result.status == Status.SUCCESS for result in results)} of {len(results)} as they should be")
