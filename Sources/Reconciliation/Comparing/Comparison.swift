import EventModel
import WorkflowDomain

/// The three-way comparison of the two sides of an execution: each is held against what both agreed on last. A pure function of what it is given.
///
/// A field that one side has changed is that side's; one that both have changed alike is agreed on; one that both have changed differently is a conflict. Data is
/// compared member by member, as far down as all that is compared are objects, so that changes to different members of one value do not meet.
public struct Comparison: Sendable {
    /// What is compared.
    public struct Sides: Sendable {
        /// What both agreed on last.
        public var base: Agreement
        /// What the workflow says.
        public var workflow: Claims
        /// What the journey says.
        public var journey: Claims
        /// The workflow's words.
        public var workflowWords = Vocabulary.everything
        /// The journey's words.
        public var journeyWords = Vocabulary.conversation
        /// The blocks that have states in the mapping; `nil` for all of them.
        public var mappedBlocks: Set<ElementID>?
        /// The block at which the workflow waits for a person, if it does.
        public var waitsAt: ElementID?

        /// The sides of an execution, with the words that they have by default.
        public init(base: Agreement, workflow: Claims, journey: Claims) {
            self.base = base
            self.workflow = workflow
            self.journey = journey
        }
    }

    /// What was found, ordered by path.
    public private(set) var findings: [Finding] = []

    private let sides: Sides

    /// Compares the sides of an execution.
    public init(_ sides: Sides) {
        self.sides = sides
        walk()
    }

    /// Whether nothing has to be done: the sides differ in nothing that both can tell.
    public var isConverged: Bool { !findings.contains(where: \.isDivergence) }

    /// Goes through the three ordered lists at once. Nothing is allocated for fields that nothing has happened to.
    private mutating func walk() {
        let (base, workflow, journey) = (sides.base.fields, sides.workflow.all, sides.journey.all)
        var (b, w, j) = (0, 0, 0)
        while b < base.count || w < workflow.count || j < journey.count {
            var path = b < base.count ? base[b].path : nil
            if w < workflow.count, path.map({ workflow[w].path < $0 }) ?? true { path = workflow[w].path }
            if j < journey.count, path.map({ journey[j].path < $0 }) ?? true { path = journey[j].path }
            guard let path else { return }
            var field = Field(path: path)
            if b < base.count, base[b].path == path {
                field.base = base[b].value
                b += 1
            }
            if w < workflow.count, workflow[w].path == path {
                (field.workflow, field.workflowOrigin) = (workflow[w].value, workflow[w].origin)
                w += 1
            }
            if j < journey.count, journey[j].path == path {
                (field.journey, field.journeyOrigin) = (journey[j].value, journey[j].origin)
                j += 1
            }
            compare(field)
        }
    }

    /// The three values of one field, or of a member of its data.
    private struct Field {
        var path: FieldPath
        var base: FieldValue?
        var workflow: FieldValue?
        var journey: FieldValue?
        var workflowOrigin: Origin?
        var journeyOrigin: Origin?

        var origins: [Side: Origin] {
            var origins: [Side: Origin] = [:]
            origins[.workflow] = workflowOrigin
            origins[.journey] = journeyOrigin
            return origins
        }
    }

    private mutating func find(_ kind: Finding.Kind, by side: Side? = nil, _ field: Field) {
        findings.append(
            Finding(
                path: field.path, kind: kind, side: side, base: field.base, workflow: field.workflow,
                journey: field.journey, origins: field.origins))
    }
}

// MARK: One field

extension Comparison {
    private mutating func compare(_ field: Field) {
        if let teller = onlyTeller(of: field) {
            let value = teller == .workflow ? field.workflow : field.journey
            guard value != field.base else { return }
            return find(isUnmapped(field.path) ? .unmapped : .told, by: teller, field)
        }
        switch (field.workflow, field.journey) {
        case (.hidden?, .hidden?) where field.base == .hidden: break
        case (.hidden?, _), (_, .hidden?): find(.unreadable, field)
        case (.content?, _), (_, .content?), (nil, nil): compareData(field)
        case (.status?, _), (_, .status?), (.step?, _), (_, .step?): compareWords(field)
        }
    }

    /// The side that alone can tell anything about a field.
    private func onlyTeller(of field: Field) -> Side? {
        if isUnmapped(field.path) { return field.workflow != nil || field.journey == nil ? .workflow : .journey }
        switch (sides.workflowWords.roots.contains(field.path.root), sides.journeyWords.roots.contains(field.path.root))
        {
        case (true, false): return .workflow
        case (false, true): return .journey
        case (true, true), (false, false): return nil
        }
    }

    private func isUnmapped(_ path: FieldPath) -> Bool {
        guard let mapped = sides.mappedBlocks, let block = path.names.first else { return false }
        switch path.root {
        case .steps, .inputs, .outputs: return !mapped.contains(block)
        case .status, .variables, .error: return false
        }
    }

    /// Words are compared as far as both sides have them.
    private mutating func compareWords(_ field: Field) {
        let (base, workflow, journey) = (common(field.base), common(field.workflow), common(field.journey))
        guard workflow != journey else {
            let teller = moreTelling(field)
            guard field.base != (teller == .journey ? field.journey : field.workflow) else { return }
            return find(workflow == base && teller != nil ? .told : .agreed, by: teller, field)
        }
        if journey == base { return find(.changed, by: .workflow, field) }
        if workflow == base { return find(isWaitPassed(field) ? .waitPassed : .changed, by: .journey, field) }
        find(.conflict, field)
    }

    private func common(_ value: FieldValue?) -> FieldValue? {
        value.flatMap(sides.workflowWords.word).flatMap(sides.journeyWords.word)
    }

    /// Of two values that are the same in common words, the side whose value says more: it is no such word itself.
    private func moreTelling(_ field: Field) -> Side? {
        guard field.workflow != field.journey else { return nil }
        guard let workflow = field.workflow else { return .journey }
        return field.journey != nil && common(workflow) == workflow ? .journey : .workflow
    }

    private func isWaitPassed(_ field: Field) -> Bool {
        guard let block = sides.waitsAt, field.path == .step(block) else { return false }
        return field.workflow == .step(.started) && field.journey == .step(.completed)
    }

    /// Data is compared member by member where all that is compared are objects.
    private mutating func compareData(_ field: Field) {
        guard field.workflow != field.journey else {
            if field.workflow != field.base { find(.agreed, field) }
            return
        }
        if field.journey == field.base { return find(.changed, by: .workflow, field) }
        if field.workflow == field.base { return find(.changed, by: .journey, field) }
        guard let workflow = field.workflow?.members, let journey = field.journey?.members else {
            return find(.conflict, field)
        }
        let base = field.base?.members
        guard base != nil || field.base == nil else { return find(.conflict, field) }
        var names = Set(workflow.keys).union(journey.keys)
        if let base { names.formUnion(base.keys) }
        for name in names.sorted() {
            var member = field
            member.path = FieldPath(field.path.root, field.path.names + [name])
            (member.base, member.workflow, member.journey) = (base?[name], workflow[name], journey[name])
            compareMember(member)
        }
    }

    private mutating func compareMember(_ member: Field) {
        switch (member.workflow, member.journey) {
        case (.hidden?, .hidden?) where member.base == .hidden: break
        case (.hidden?, _), (_, .hidden?): find(.unreadable, member)
        default: compareData(member)
        }
    }
}

extension FieldValue {
    /// The members of data that is an object.
    fileprivate var members: [ElementID: FieldValue]? {
        guard case .content(.object(let object)) = self else { return nil }
        return Dictionary(object.members.map { (ElementID($0.key), FieldValue($0.value)) }, uniquingKeysWith: { $1 })
    }
}
