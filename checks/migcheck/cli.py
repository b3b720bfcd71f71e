"""The command line: parse, dispatch, turn outcomes into exit codes; nothing else."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def rules() -> None:
    """List every rule."""


def main() -> None:
    """Run the command line."""
    app()
