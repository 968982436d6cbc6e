/// Lifts the data of one type of event from one version of its schema to the next.
///
/// What is stored stays as it is for ever; it is lifted when it is read. An upcaster is a pure, total function of what its version allows, and
/// never changes once an event of the version above it was written.
public struct Upcaster: Sendable {
    /// The type of the events.
    public let type: EventType
    /// The version that it reads; it writes the next one.
    public let version: Int32
    private let lift: @Sendable (JSONObject) -> JSONObject

    /// An upcaster of a type from `version` to the next one. Personal values may stand sealed or erased wherever the schema allows it.
    public init(
        _ type: EventType, from version: Int32, _ lift: @escaping @Sendable (JSONObject) -> JSONObject
    ) {
        self.type = type
        self.version = version
        self.lift = lift
    }

    /// The data in the next version. What is no object is none of ours, and passes.
    public func callAsFunction(_ data: JSONValue) -> JSONValue {
        guard case .object(let object) = data else { return data }
        return .object(lift(object))
    }
}

/// Every upcaster of a domain: one for each type and each version of it that is not the newest.
public struct Upcasters: Sendable {
    private struct Key: Hashable {
        let type: EventType
        let version: Int32
    }

    /// For a domain whose events have one version each.
    public static let none = Upcasters([])

    private let steps: [Key: Upcaster]
    /// Nothing above this version is ever lifted, which spares the newest events the search.
    private let highest: Int32

    /// These upcasters; of two for the same type and version the first one counts.
    public init(_ upcasters: [Upcaster]) {
        steps = Dictionary(
            upcasters.map { (Key(type: $0.type, version: $0.version), $0) }, uniquingKeysWith: { first, _ in first })
        highest = upcasters.map(\.version).max() ?? 0
    }

    /// These and those of another domain.
    public func merging(_ other: Upcasters) -> Upcasters { Upcasters(Array(steps.values) + other.steps.values) }

    /// Every type and version that is lifted.
    public var lifted: [(type: EventType, version: Int32)] {
        steps.keys.map { ($0.type, $0.version) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }

    /// The data of an event in the newest version that the upcasters lead to, and which that is. The newest one costs a comparison.
    public func callAsFunction(
        _ data: JSONValue, type: EventType, version: Int32
    ) -> (data: JSONValue, version: Int32) {
        var (data, version) = (data, version)
        while version <= highest, let step = steps[Key(type: type, version: version)] {
            data = step(data)
            version += 1
        }
        return (data, version)
    }
}
