"""Build the Slack app manifest: names, events, and the minimal scopes. Pure."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

COMMAND = "/inyong"
EVENTS_PATH = "/slack/events"
ASK_ABOUT = "inyong_ask_about"  # callback id of the message shortcut
APP_TOKEN_SCOPE = "connections:write"  # noqa: S105  of the app-level token, which a manifest cannot create
_NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="

SCOPES: Mapping[str, str] = {  # of the bot token, each with what fails without it
    "app_mentions:read": "mentions are not heard",
    "channels:history": "follow-ups in threads of public channels are not heard",
    "channels:read": "public channels count as shared with others where an event does not name their kind",
    "chat:write": "nothing can be answered",
    "commands": f"{COMMAND} and the message shortcut are not there",
    "groups:history": "follow-ups in threads of private channels are not heard",
    "groups:read": "private channels count as shared with others where an event does not name their kind",
    "im:history": "direct messages are not heard",
    "im:read": "direct messages count as shared with others where an event does not name their kind",
    "metadata.message:read": "after a lost connection an answer may be posted twice",
    "mpim:history": "follow-ups in messages to several people are not heard",
    "mpim:read": "messages to several people count as shared with others where no event names their kind",
    "reactions:write": "questions get no sign at once that they were seen",
}
_EVENTS = ("app_mention", "message.channels", "message.groups", "message.im", "message.mpim")
_WORDS = {
    "ko": {
        "description": "문서에서 답을 찾아 원문 인용과 함께 알려 드립니다",
        "command": "문서에 묻기 (나에게만 보입니다)",
        "hint": "질문",
        "shortcut": "이 메시지로 질문하기",
        "about": "이 메시지의 내용을 문서에 묻습니다",
    },
    "en": {
        "description": "Answers from your own documents, every citation an exact quotation",
        "command": "Ask the documents (only you see the answer)",
        "hint": "your question",
        "shortcut": "Ask about this",
        "about": "Asks the documents what this message asks",
    },
}


def build_manifest(name: str = "Inyong", language: str = "ko", address: str | None = None) -> dict[str, Any]:
    """Return the manifest. language: of the menus, "ko" or "en".

    address: HTTPS base URL of `inyong serve`; None for Socket Mode, which needs none.
    """
    texts = _WORDS[language]
    url = {} if address is None else {"url": f"{address}{EVENTS_PATH}"}
    request_url = {} if address is None else {"request_url": f"{address}{EVENTS_PATH}"}
    return {
        "display_information": {"name": name, "description": texts["description"]},
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [
                {
                    "name": texts["shortcut"],
                    "type": "message",
                    "callback_id": ASK_ABOUT,
                    "description": texts["about"],
                }
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": texts["command"],
                    "usage_hint": texts["hint"],
                    "should_escape": False,
                    **url,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(_EVENTS), **request_url},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": False,
        },
    }


def creation_link(manifest: Mapping[str, Any]) -> str:
    """Return a URL that opens Slack's "Create an app" with the manifest filled in."""
    return _NEW_APP + quote(json.dumps(manifest, ensure_ascii=False, separators=(",", ":")))
