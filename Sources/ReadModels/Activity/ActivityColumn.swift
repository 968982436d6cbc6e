/// The columns of `activity_by_hour`, in the order of the table.
enum ActivityColumn: Int, CaseIterable {
    case workspace, hour, type, lane, events, firstPosition, lastPosition

    static let table = TableDefinition(
        name: "activity_by_hour", version: 1,
        documentation: "One row per workspace, hour and type of event: how many such events the log took in.",
        keyColumns: 4,
        columns: [
            .required("workspace", .text, "The tenant."),
            .required(
                "hour", .timestamp,
                "The full hour in UTC in which the events were recorded, by the database's clock; the hour ends 60 minutes later."
            ),
            .required("type", .text, "What happened, as a stable string."),
            .lane("lane", "The lane that counted: murmur2 of the sync key modulo the number of lanes."),
            .part("events", .sum, "How many events of the type were recorded in the hour."),
            .part("first_position", .least, "Log position of the first of them."),
            .part("last_position", .greatest, "Log position of the last of them so far."),
        ])
}

extension Row {
    subscript(_ column: ActivityColumn) -> ColumnValue {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }
}
