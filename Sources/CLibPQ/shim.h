#ifndef LOCKSTEP_CLIBPQ_SHIM_H
#define LOCKSTEP_CLIBPQ_SHIM_H

#include <libpq-fe.h>

/* libpq spells these as character macros, which do not reach Swift. */
static const int LibPQFieldSeverity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int LibPQFieldSQLState = PG_DIAG_SQLSTATE;
static const int LibPQFieldMessage = PG_DIAG_MESSAGE_PRIMARY;
static const int LibPQFieldDetail = PG_DIAG_MESSAGE_DETAIL;
static const int LibPQFieldHint = PG_DIAG_MESSAGE_HINT;
static const int LibPQFieldContext = PG_DIAG_CONTEXT;
static const int LibPQFieldTable = PG_DIAG_TABLE_NAME;
static const int LibPQFieldColumn = PG_DIAG_COLUMN_NAME;
static const int LibPQFieldConstraint = PG_DIAG_CONSTRAINT_NAME;

#endif
