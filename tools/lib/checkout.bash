# What every tool begins with: where the checkout is, where instances live, and the other parts of this library.
#   TOOLS          the directory of the tools          CHECKOUT   the directory above it
#   LOCKSTEP_HOME  the directory of instances          SOFTWARE   programs fetched for them

TOOLS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CHECKOUT=$(dirname "$TOOLS")
LOCKSTEP_HOME=${LOCKSTEP_DIR:-$CHECKOUT/.lockstep}

for part in terminal process lock ports packages postgres-programs postgres-place postgres broker given instance child engines; do
    # shellcheck source=/dev/null
    . "$TOOLS/lib/$part.bash"
done
unset part
