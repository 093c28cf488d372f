"""``reverb-plugin webhooks``: where Reverb may call us, and asking it to."""

from contextlib import closing

import click

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.options import shop_options
from reverb_plugin.cli.sending import require_token
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.texts import printable
from reverb_plugin.webhooks import make_secret, register


@click.command()
@shop_options
@click.option("--new-secret", is_flag=True, help="Make a new secret path; addresses with the old one stop working.")
@click.option("--register", "url", metavar="URL", help="Ask Reverb to post to this https address of the receiver.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    new_secret: bool,
    url: str | None,
) -> None:
    """Show where Reverb may call us, and ask it to.

    Webhooks only make the plugin look for orders sooner; polling alone is enough. The page receives them at /webhooks
    below its own address; the shop may mount `plugin.webhook_receiver` elsewhere. The secret follows that address.
    """
    with closing(connect(host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        if new_secret:
            plugin.configuration.save("webhook_secret", make_secret())
        secret = plugin.settings.webhook_secret
        if secret is None:
            click.echo("There is no secret path yet: --new-secret makes one.")
            return
        click.echo(f"The receiver listens at /{secret.reveal()} below the page's /webhooks, or where it is mounted.")
        if url is None:
            return
        require_token(plugin)
        said = register(plugin.client, f"{url.rstrip('/')}/{secret.reveal()}")
    for topic, refusal in said.items():
        click.echo(f"{topic}: {printable(refusal) or 'registered'}")
    if all(said.values()):
        click.echo("Reverb takes none of them; orders are found by polling.", err=True)
        ctx.exit(ExitCode.NEEDS_A_PERSON)
