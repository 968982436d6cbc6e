import EventModel

/// One measured number, as `lockstep bench` prints it.
struct Figure: Sendable {
    /// `append`, `read` …
    let bench: String
    /// What was done, `key=value` pairs separated by commas.
    let `case`: String
    /// `lockstep`, or `limit:<what>` for the physical limit that was measured beside it.
    let system: String
    /// What was measured, with its unit in the name where it has one.
    let metric: String
    /// `events/s`, `ms` …
    let unit: String
    /// One value per run.
    let values: [Double]

    var median: Double { values.median }
}

/// How one system compares with a limit that was measured in the same runs, run by run.
struct Ratio: Sendable {
    let bench: String
    let `case`: String
    let of: String
    let values: [Double]
}

extension [Double] {
    /// The middle value, 0 for none.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        let middle = count / 2
        return count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The value below which a share of the values lies, by the nearest rank; 0 for none.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return 0 }
        let rank = Int((share * Double(count)).rounded(.up))
        return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
    }
}
