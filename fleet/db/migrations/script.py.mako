"""${message}."""

import sqlalchemy as sa
from alembic import op

${"\n".join(line for line in (imports or "").splitlines() if line not in ("import sqlmodel", "import sqlmodel.sql.sqltypes"))}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema."""
    ${upgrades if upgrades else "pass"}
