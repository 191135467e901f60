from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A device pings as often as it likes, and each ping is answered",
    changes=(
        Edit(
            "gateway/websocket.py",
            old="        elif self.closing or not self.may_send() or message.type is WSMsgType.PONG:\n",
            new="        elif self.closing or message.type is WSMsgType.PONG:\n",
        ),
    ),
    red=("tests/gateway/test_websocket.py::test_R04_pings_count_as_messages_do",),
)
