import EventModel
import FoundationEssentials

/// What a person has decided and the sides have still to come to. A rule decides anew at every look; a person has decided once, and that stands until it is
/// carried out, or a side says something new, or somebody decides again.
struct StandingWord: Equatable, Sendable {
    /// The decision.
    let receipt: Receipt
    /// The sides of which it is known that they were told.
    var told: Set<Side> = []

    /// Whether a difference is accepted as a part of it: one side keeps what it said, and the other comes to what was decided.
    func includes(_ accepted: Finding) -> Bool {
        Side.allCases.contains { side in
            receipt.finding[side] != receipt.outcome && accepted[side] == receipt.outcome
                && accepted[side.other] == receipt.finding[side.other]
        }
    }
}

/// A person's word that the sides have neither come to nor gone beyond.
struct UnheardWord: Equatable, Sendable {
    /// The decision.
    let receipt: Receipt
    /// How the sides stand.
    let finding: Finding
    /// The sides that do not say it yet.
    let told: [Side]
}

extension Ledger {
    /// What differs, or was to be otherwise by a person's word: ordered by path.
    func differences(_ look: Examination) -> [Finding] {
        var sides = look.sides
        sides.base = base
        return findings(sides).all.filter(\.isDivergence)
    }

    /// What the comparison finds and what a person's word is that nobody has heard. Such a word is a finding also where both sides say the same.
    func findings(_ sides: Comparison.Sides) -> (all: [Finding], unheard: [FieldPath: UnheardWord]) {
        var all = Comparison(sides).findings
        var unheard: [FieldPath: UnheardWord] = [:]
        for (path, word) in words.sorted(by: { $0.key < $1.key }) {
            guard let told = told(word, at: path, sides) else { continue }
            if let found = all.first(where: { $0.path == path && $0.isDivergence }) {
                unheard[path] = UnheardWord(receipt: word.receipt, finding: found, told: told)
                continue
            }
            // What differs around it, or inside of it, is another difference than the one that was decided.
            guard !all.contains(where: { $0.isDivergence && $0.path.overlaps(path) }) else { continue }
            let finding = Finding(as: sides, at: path)
            unheard[path] = UnheardWord(receipt: word.receipt, finding: finding, told: told)
            all.removeAll { $0.path == path }
            all.insert(finding, at: all.place { $0.path < path })
        }
        return (all, unheard)
    }

    /// The sides that do not say what a person has decided that they say; `nil` when both do, or when one of them says something new: what it says is a
    /// later word than the person's.
    private func told(_ word: StandingWord, at path: FieldPath, _ sides: Comparison.Sides) -> [Side]? {
        let receipt = word.receipt
        guard receipt.outcome?.holdsHidden != true else { return nil }
        let missing = Side.allCases.filter { side in
            let wanted = accepted[path].map { $0.finding[side] } ?? receipt.outcome
            let said = sides.claims(of: side).value(at: path)
            return said != wanted && said != wanted.flatMap(sides.words(of: side).word)
        }
        let isAsLeft = missing.allSatisfy { side in
            let claims = sides.claims(of: side)
            guard claims.value(at: path) == receipt.finding[side] else { return false }
            // Whoever says again what it said before, from somewhere else, says something new. A member has the origin of its whole field: of it that is known only
            // where the side was told.
            let (origin, then) = (claims.origin(at: path), receipt.finding.origin(of: side))
            guard path.members.isEmpty, then != nil else {
                return !word.told.contains(side) || origin != nil && origin == then
            }
            return origin == then
        }
        return missing.isEmpty || !isAsLeft ? nil : missing
    }
}

extension Comparison.Sides {
    /// What a side says.
    func claims(of side: Side) -> Claims { side == .workflow ? workflow : journey }

    /// The words of a side.
    func words(of side: Side) -> Vocabulary { side == .workflow ? workflowWords : journeyWords }
}

extension Finding {
    /// Where a side said so.
    fileprivate func origin(of side: Side) -> Origin? { side == .workflow ? workflowOrigin : journeyOrigin }

    /// A field about which somebody decides as it stands, whether the sides differ or not.
    init(as sides: Comparison.Sides, at path: FieldPath) {
        self.init(
            path: path, kind: .conflict, side: nil, base: sides.base.value(at: path),
            workflow: sides.workflow.value(at: path), journey: sides.journey.value(at: path),
            workflowOrigin: sides.workflow.origin(at: path), journeyOrigin: sides.journey.origin(at: path))
    }
}

extension FieldPath {
    /// Whether one of the two is the other, or inside of it.
    func overlaps(_ other: FieldPath) -> Bool {
        root == other.root && zip(names, other.names).allSatisfy { $0 == $1 }
    }
}
