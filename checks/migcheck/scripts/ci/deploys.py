"""What is known to deploy, of all that a CI may run."""

from migcheck.regex import regex

# Cleaning up and telling are what `always()` is for: only what is known to deploy counts.
_DEPLOYS = regex(
    r"\b(?:vercel (?:deploy\b|.{0,100}--prod)|netlify deploy|fly(?:ctl)? deploy|wrangler (?:pages )?(?:deploy|publish)"
    r"|railway up|kubectl (?:apply|set image|rollout restart)|helm upgrade|firebase deploy|serverless deploy|sst deploy"
    r"|gcloud run deploy|aws ecs update-service|cdk deploy|terraform apply|docker stack deploy)"
)


def deploys(told: str) -> bool:
    """Whether the text of a script is known to deploy."""
    return _DEPLOYS.search(told) is not None
