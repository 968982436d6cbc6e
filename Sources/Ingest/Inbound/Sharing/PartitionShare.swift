import EventSourcing

/// Which partitions of a topic a process reads, of all those that read it together. A value without I/O.
///
/// Everybody who lives is due an equal number; who has more gives the surplus back, and who has fewer takes what is free. A partition that is
/// given back stays leased until nothing works on it any more. Nobody decides for others, so nobody has to be elected; leases settle who was
/// first, and fencing keeps the data safe from whoever has not noticed yet.
public struct PartitionShare: Sendable, Equatable {
    /// The name under which it takes part.
    public let holder: String
    /// What it reads, with the leases.
    public private(set) var held: [Int32: Lease] = [:]
    /// What it gives back as soon as nothing works on it.
    public private(set) var leaving: [Int32: Lease] = [:]
    /// Whether everybody had their due when it last looked round.
    public private(set) var isBalanced = false

    /// A share that holds nothing yet.
    public init(of holder: String) { self.holder = holder }

    /// Leases that are in force and to be renewed.
    public var leases: [Int32: Lease] { held.merging(leaving) { held, _ in held } }

    /// Takes in what the store knows.
    ///
    /// - Parameter partitions: every partition of the topic.
    /// - Returns: the partitions to ask for.
    public mutating func receive(_ survey: InboundSurvey, of partitions: [Int32]) -> [Int32] {
        forget { partition, lease in survey.leases[partition] != lease }
        let members = survey.members.union([holder]).sorted()
        let due = Self.due(holder, among: members, of: partitions.count)
        giveBack(held.keys.filter { !partitions.contains($0) })
        giveBack(Array(held.keys.sorted().dropFirst(due)))
        // A lease of ours that we know nothing of is from an earlier life of this holder.
        let free = partitions.filter { partition in
            leases[partition] == nil && (survey.leases[partition]?.holder ?? holder) == holder
        }
        isBalanced = free.isEmpty && leaving.isEmpty && held.count == due
        // Each begins elsewhere, so that not all ask for the same.
        let start = free.isEmpty ? 0 : (members.firstIndex(of: holder) ?? 0) * max(1, due) % free.count
        return Array((free[start...] + free[..<start]).prefix(max(0, due - held.count)))
    }

    /// How many of `count` partitions a member is due: as many as everybody, and the first few one more.
    static func due(_ holder: String, among members: [String], of count: Int) -> Int {
        guard let place = members.firstIndex(of: holder) else { return 0 }
        return count / members.count + (place < count % members.count ? 1 : 0)
    }

    /// A partition was granted.
    public mutating func receive(_ lease: Lease, of partition: Int32) {
        leaving[partition] = nil
        held[partition] = lease
    }

    /// Somebody else has a partition.
    public mutating func lose(_ partition: Int32) {
        held[partition] = nil
        leaving[partition] = nil
    }

    /// For longer than the leases last nobody could be told that this member lives: everything may be with others.
    public mutating func loseEverything() {
        held = [:]
        leaving = [:]
        isBalanced = false
    }

    /// Gives everything back.
    public mutating func giveEverythingBack() { giveBack(Array(held.keys)) }

    /// Nothing works any more on what is not held.
    ///
    /// - Returns: the leases to give back.
    public mutating func takeLeaving() -> [Lease] {
        defer { leaving = [:] }
        return leaving.sorted { $0.key < $1.key }.map(\.value)
    }

    private mutating func giveBack(_ partitions: [Int32]) {
        for partition in partitions { leaving[partition] = held.removeValue(forKey: partition) }
    }

    private mutating func forget(_ isLost: (Int32, Lease) -> Bool) {
        held = held.filter { !isLost($0.key, $0.value) }
        leaving = leaving.filter { !isLost($0.key, $0.value) }
    }
}
