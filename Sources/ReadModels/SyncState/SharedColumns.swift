/// Columns that a row has in common with the row of another read model, so that the other's fold serves both.
///
/// The other's row is made of what is shared, the other's fold folds the event into it, and what is shared is taken back. That is the same
/// as the other's own row as long as whatever the other's fold reads to work out a shared column is shared as well.
struct SharedColumns: Sendable {
    private let places: [(own: Int, other: Int)]

    init<Other: RawRepresentable<Int>>(_ pairs: KeyValuePairs<SyncStateColumn, Other>) {
        places = pairs.map { ($0.key.rawValue, $0.value.rawValue) }
    }

    /// The other's row, as far as it is shared; the rest as `template` has it.
    func other(of row: Row, onto template: Row) -> Row {
        var other = template
        for place in places { other.values[place.other] = row.values[place.own] }
        return other
    }

    /// Takes back what is shared.
    func take(from other: Row, into row: inout Row) {
        for place in places { row.values[place.own] = other.values[place.other] }
    }
}
