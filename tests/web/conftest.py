from tests.provider.fixtures import app, browser, make_app, provider, running_provider, signed_in, web_environment

__all__ = ["app", "browser", "make_app", "provider", "running_provider", "signed_in", "web_environment"]
