from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S08",
    breaks="Gunicorn itself answers what is no HTTP: the request's own words, and none of the headers",
    changes=(Edit("gunicorn.conf.py", old='"portal.core.gunicorn_worker.Worker"  # gthread', new='"gthread"'),),
    red=("tests/web/test_server.py::test_S08_the_answer_to_what_is_no_http_quotes_nothing",),
)
