/// Which parts of a work a process does, of all those that do it together. A value without I/O.
///
/// Everybody who lives is due an equal number; who has more gives the surplus back, and who has fewer takes what is free. Where somebody else
/// gives the parts out (``Allotment/given(_:)``), it takes those as they become free, and what nobody who lives takes is shared evenly. A part that is
/// given back stays leased until nothing works on it any more. Nobody decides for others, so nobody has to be elected; leases settle who was
/// first, and fencing keeps the data safe from whoever has not noticed yet.
public struct LeaseShare: Sendable, Equatable {
    /// Who says which parts are whose.
    public enum Allotment: Sendable, Equatable {
        /// Nobody: everybody is due an equal number.
        case even
        /// A group gives them out, and these to this member.
        case given(Set<Int32>)
    }

    /// The name under which it takes part.
    public let holder: String
    /// What it does, with the leases.
    public private(set) var held: [Int32: Lease] = [:]
    /// What it gives back as soon as nothing works on it.
    public private(set) var leaving: [Int32: Lease] = [:]
    /// Whether everybody had their due when it last looked round.
    public private(set) var isBalanced = false

    /// Who says which parts are whose.
    public private(set) var allotment: Allotment
    /// Since when parts that are given to others are free, by whatever clock the surveys are timed with.
    private var abandoned: [Int32: Duration] = [:]

    /// A share that holds nothing yet.
    public init(of holder: String, _ allotment: Allotment = .even) {
        self.holder = holder
        self.allotment = allotment
    }

    /// Leases that are in force and to be renewed.
    public var leases: [Int32: Lease] { held.merging(leaving) { held, _ in held } }

    /// Whether who works on these parts may go on. What came and went meanwhile ends the work as well: it is given back only when nothing works.
    public func allows(_ parts: [Int32: Lease]) -> Bool { held == parts && leaving.isEmpty }

    /// Parts are given out otherwise from now on. What was taken because nobody else did, or while nobody gave anything out, is given back when
    /// it is given to somebody else: they shall find it free.
    public mutating func assign(_ allotment: Allotment) {
        self.allotment = allotment
        abandoned = [:]
        isBalanced = false
        if case .given(let parts) = allotment { giveBack(held.keys.filter { !parts.contains($0) }) }
    }

    /// Takes in what the store knows.
    ///
    /// - Parameters:
    ///   - parts: every part of the work.
    ///   - now: when; only where a group gives parts out.
    ///   - patience: how long a part that is given to somebody else may be free before it is taken all the same.
    /// - Returns: the parts to ask for.
    public mutating func receive(
        _ survey: ShareSurvey, of parts: [Int32], at now: Duration = .zero, patience: Duration = .zero
    ) -> [Int32] {
        forget { part, lease in survey.leases[part] != lease }
        let members = survey.members.union([holder]).sorted()
        let due = Self.due(holder, among: members, of: parts.count)
        giveBack(held.keys.filter { !parts.contains($0) })
        let wanted =
            switch allotment {
            case .even: takeEvenly(survey, of: parts, among: members, due)
            case .given(let given): take(given, survey, of: parts, due, (now, patience))
            }
        // One that was given back while it was being renewed has come to life again: nobody works on it, so it is given back once more.
        for part in parts where leases[part] == nil && !wanted.contains(part) {
            if let lease = survey.leases[part], lease.holder == holder { leaving[part] = lease }
        }
        return wanted
    }

    /// What is given and free, and what has been free for too long, up to what is due.
    private mutating func take(
        _ given: Set<Int32>, _ survey: ShareSurvey, of parts: [Int32], _ due: Int,
        _ time: (now: Duration, patience: Duration)
    ) -> [Int32] {
        let free = parts.filter {
            held[$0] == nil && leaving[$0] == nil && (survey.leases[$0]?.holder ?? holder) == holder
        }
        let others = free.filter { !given.contains($0) }
        abandoned = Dictionary(uniqueKeysWithValues: others.map { ($0, abandoned[$0] ?? time.now) })
        let own = free.filter(given.contains)
        let adopted = others.filter { part in abandoned[part].map { time.now - $0 > time.patience } ?? false }
        isBalanced = leaving.isEmpty && given.isSubset(of: held.keys)
        return own + adopted.prefix(max(0, due - held.count - own.count))
    }

    private mutating func takeEvenly(
        _ survey: ShareSurvey, of parts: [Int32], among members: [String], _ due: Int
    ) -> [Int32] {
        giveBack(Array(held.keys.sorted().dropFirst(due)))
        // A lease of ours that we know nothing of is from an earlier life of this holder.
        let free = parts.filter { part in
            leases[part] == nil && (survey.leases[part]?.holder ?? holder) == holder
        }
        isBalanced = free.isEmpty && leaving.isEmpty && held.count == due
        // Each begins elsewhere, so that not all ask for the same.
        let start = free.isEmpty ? 0 : (members.firstIndex(of: holder) ?? 0) * max(1, due) % free.count
        return Array((free[start...] + free[..<start]).prefix(max(0, due - held.count)))
    }

    /// How many of `count` parts a member is due: as many as everybody, and the first few one more.
    static func due(_ holder: String, among members: [String], of count: Int) -> Int {
        guard let place = members.firstIndex(of: holder) else { return 0 }
        return count / members.count + (place < count % members.count ? 1 : 0)
    }

    /// A part was granted. What was given to somebody else since it was asked for is given back.
    public mutating func receive(_ lease: Lease, of part: Int32) {
        leaving[part] = nil
        held[part] = lease
        guard case .given(let given) = allotment, !given.contains(part), abandoned[part] == nil else { return }
        giveBack([part])
    }

    /// Somebody else has a part.
    public mutating func lose(_ part: Int32) {
        held[part] = nil
        leaving[part] = nil
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

    private mutating func giveBack(_ parts: [Int32]) {
        for part in parts { leaving[part] = held.removeValue(forKey: part) }
    }

    private mutating func forget(_ isLost: (Int32, Lease) -> Bool) {
        held = held.filter { !isLost($0.key, $0.value) }
        leaving = leaving.filter { !isLost($0.key, $0.value) }
    }
}
