import EventModel

/// How many events of each type were recorded in each hour, per workspace. It takes every event and reads no payload, so none can stop it.
///
/// The count goes across keys, so each lane keeps a row of its own for an hour and a type, and the view shows their sum: no two lanes
/// ever write one row, whichever process has them.
public struct ActivityByHourProjection: Projection {
    /// `activity_by_hour`
    public let name = "activity_by_hour"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.all
    /// Where its rows are kept.
    public let table = ActivityColumn.table
    private let lanes: Int

    /// The projection `activity_by_hour`.
    ///
    /// - Parameter lanes: the number of lanes of the log, at least 1. With another number later the sums stay what they are: a row goes on
    ///   to be counted by the lane of its number.
    public init(lanes: Int = Lane.defaultCount) {
        precondition(lanes > 0, "a log has at least one lane")
        self.lanes = lanes
    }

    /// The workspace, the hour, the type and the lane.
    ///
    /// The hour is that of `recorded_at`, the one clock that all events share: an hour that has passed does not change any more. Writers'
    /// clocks (`occurred_at`) may be wrong, and what they tell late would change hours that were reported already.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        RowKey([
            .text(event.workspace.rawValue), .timestamp(event.recordedAt.startOfHour), .text(event.type.rawValue),
            .int(Int64(Lane(of: event, count: lanes).rawValue)),
        ])
    }

    /// One event more. An erasure is an event like others: it is counted, and nothing is taken back.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        let position = ColumnValue.int(event.position.rawValue)
        guard var row, case .int(let events) = row[ActivityColumn.events] else {
            guard let key = try key(of: event) else { return nil }
            return Row(key.values + [.int(1), position, position])
        }
        row[ActivityColumn.events] = .int(events + 1)
        row[ActivityColumn.lastPosition] = position
        return row
    }
}

extension Timestamp {
    /// The full hour in UTC that the moment is in.
    fileprivate var startOfHour: Timestamp {
        let hour: Int64 = 3_600_000_000
        let into = microseconds % hour
        return Timestamp(microseconds: microseconds - (into < 0 ? into + hour : into))
    }
}
