"""A local server that speaks Slack's Web API, Socket Mode and signed HTTP events, as strict as Slack.

For tests and benchmarks: a bot built on Slack's own libraries cannot tell it from Slack, except that time can
be made to pass, calls to fail, connections to break and events to be repeated at will.
"""

from tests.slack_server.delivery import Delivery
from tests.slack_server.faults import Fault
from tests.slack_server.people import Spoken
from tests.slack_server.server import SlackServer
from tests.slack_server.workspace import Channel, Message, Workspace

__all__ = ["Channel", "Delivery", "Fault", "Message", "SlackServer", "Spoken", "Workspace"]
