"""A team's settings with customers and their source, for tests of commands."""

from tests.bot.cli.conftest import TEAM

CHANNELS = TEAM.replace("[channels]\n", '[channels]\ncustomers = "C_CUSTOMERS"\n')
CUSTOMERS = """
[customers]
mode = "ask"
sync_at = "02:30"

[[customers.sources]]
name = "crm"
kind = "file"
path = "customers.csv"

[[customers.fields]]
name = "name"
source = "crm"
decision = "Who is meant when a ticket names a customer."

[[customers.fields]]
name = "tier"
source = "crm"
column = "plan"
values = { ENT = "enterprise", PRO = "pro" }
decision = "How soon their tickets are due."
"""
SETTINGS = CHANNELS + CUSTOMERS
SOURCE = "id,name,plan\nA-1,Northwind,ENT\nA-2,Fabrikam,PRO\n"
