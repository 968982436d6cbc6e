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
        /// The variables that have keys in the mapping; `nil` for all of them.
        public var mappedVariables: Set<ElementID>?
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

    /// Findings for which there is room at once: few executions have more.
    private static let usualFindings = 8

    /// Compares the sides of an execution.
    public init(_ sides: Sides) {
        self.sides = sides
        walk()
    }

    /// Whether nothing has to be done: the sides differ in nothing that both can tell.
    public var isConverged: Bool { !findings.contains(where: \.isDivergence) }

    /// Goes through the three ordered lists at once. Nothing is copied or allocated for fields that nothing has happened to.
    private mutating func walk() {
        let sides = sides
        sides.base.fields.withUnsafeBufferPointer { base in
            sides.workflow.all.withUnsafeBufferPointer { workflow in
                sides.journey.all.withUnsafeBufferPointer { journey in walk(base, workflow, journey) }
            }
        }
    }

    private mutating func walk(
        _ base: UnsafeBufferPointer<Agreement.Field>, _ workflow: UnsafeBufferPointer<Claim>,
        _ journey: UnsafeBufferPointer<Claim>
    ) {
        var (b, w, j) = (0, 0, 0)
        // Each path is taken out of its list once, however often it is compared.
        var basePath = base.first?.path ?? .status
        var workflowPath = workflow.first?.path ?? .status
        var journeyPath = journey.first?.path ?? .status
        while b < base.count || w < workflow.count || j < journey.count {
            // Which of the three lists have the least of their next paths.
            var (isBase, isWorkflow, isJourney) = (b < base.count, w < workflow.count, j < journey.count)
            if isBase, isWorkflow {
                let order = FieldPath.order(basePath, workflowPath)
                if order < 0 { isWorkflow = false } else if order > 0 { isBase = false }
            }
            if isJourney, isBase || isWorkflow {
                let order = isBase ? FieldPath.order(journeyPath, basePath) : FieldPath.order(journeyPath, workflowPath)
                if order < 0 { (isBase, isWorkflow) = (false, false) } else if order > 0 { isJourney = false }
            }
            let isUntouched =
                isBase && isWorkflow && base[b].value == workflow[w].value
                && (isJourney
                    ? means(journey[j].value, base[b].value) : isUntold(base[b].value, at: basePath.root))
            if !isUntouched {
                compare(
                    Field(
                        isBase ? base[b] : nil, isWorkflow ? workflow[w] : nil, isJourney ? journey[j] : nil))
            }
            if isBase {
                b += 1
                if b < base.count { basePath = base[b].path }
            }
            if isWorkflow {
                w += 1
                if w < workflow.count { workflowPath = workflow[w].path }
            }
            if isJourney {
                j += 1
                if j < journey.count { journeyPath = journey[j].path }
            }
        }
    }

    /// Whether what the journey says is the common word for a value.
    private func means(_ journey: FieldValue, _ value: FieldValue) -> Bool {
        switch (journey, value) {
        case (.status(let word), .status(let status)):
            sides.workflowWords.word(for: status).flatMap(sides.journeyWords.word) == word
        case (.step(let word), .step(let status)):
            sides.workflowWords.word(for: status).flatMap(sides.journeyWords.word) == word
        case (let told, let value): told == value
        }
    }

    /// Whether the journey has no word for a value, so that its silence means nothing.
    private func isUntold(_ value: FieldValue, at root: FieldPath.Root) -> Bool {
        guard sides.journeyWords.tells(root) else { return sides.workflowWords.tells(root) }
        switch value {
        case .status(let status): return sides.workflowWords.word(for: status).flatMap(sides.journeyWords.word) == nil
        case .step(let status): return sides.workflowWords.word(for: status).flatMap(sides.journeyWords.word) == nil
        case .content, .hidden: return false
        }
    }

    /// The three values of one field, or of a member of its data.
    private struct Field {
        var path: FieldPath
        var base: FieldValue?
        var workflow: FieldValue?
        var journey: FieldValue?
        let workflowOrigin: Origin?
        let journeyOrigin: Origin?

        init(_ base: Agreement.Field?, _ workflow: Claim?, _ journey: Claim?) {
            path = base?.path ?? workflow?.path ?? journey?.path ?? .status
            self.base = base?.value
            (self.workflow, workflowOrigin) = (workflow?.value, workflow?.origin)
            (self.journey, journeyOrigin) = (journey?.value, journey?.origin)
        }
    }

    private mutating func find(_ kind: Finding.Kind, by side: Side? = nil, _ field: Field) {
        guard !(kind.isDecided || kind == .unreadable) || !sides.base.accepts(field.path, field.workflow, field.journey)
        else { return }
        if findings.isEmpty { findings.reserveCapacity(Self.usualFindings) }
        findings.append(
            Finding(
                path: field.path, kind: kind, side: side, base: field.base, workflow: field.workflow,
                journey: field.journey, workflowOrigin: field.workflowOrigin, journeyOrigin: field.journeyOrigin))
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
        switch (sides.workflowWords.tells(field.path.root), sides.journeyWords.tells(field.path.root))
        {
        case (true, false): return .workflow
        case (false, true): return .journey
        case (true, true), (false, false): return nil
        }
    }

    private func isUnmapped(_ path: FieldPath) -> Bool {
        let mapped: Set<ElementID>? =
            switch path.root {
            case .steps, .inputs, .outputs: sides.mappedBlocks
            case .variables: sides.mappedVariables
            case .status, .error: nil
            }
        guard let mapped, let name = path.names.first else { return false }
        return !mapped.contains(name)
    }

    /// Words are compared as far as both sides have them.
    private mutating func compareWords(_ field: Field) {
        let (base, workflow, journey) = (common(field.base), common(field.workflow), common(field.journey))
        guard workflow != journey else {
            let teller = moreTelling(field)
            guard field.base != (teller == .journey ? field.journey : field.workflow) else { return }
            return find(workflow == base && teller != nil ? .told : .agreed, by: teller, field)
        }
        if isPassedUnseen(field) {
            if field.workflow != field.base { find(.told, by: .workflow, field) }
            return
        }
        if journey == base { return find(.changed, by: .workflow, field) }
        if isWaitPassed(field) { return find(.waitPassed, by: .journey, field) }
        if workflow == base { return find(.changed, by: .journey, field) }
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

    /// A conversation need not have been everywhere: of a block that has ended, and that it never came to, it has nothing to say.
    private func isPassedUnseen(_ field: Field) -> Bool {
        guard field.journey == nil, field.base != .step(.started), case .step(let status)? = field.workflow else {
            return false
        }
        return status != .started
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
        // What is sealed again has other bytes, so a difference of what cannot be read says nothing.
        let isHidden =
            field.workflow?.holdsHidden == true || field.journey?.holdsHidden == true || field.base?.holdsHidden == true
        if !isHidden, field.journey == field.base { return find(.changed, by: .workflow, field) }
        if !isHidden, field.workflow == field.base { return find(.changed, by: .journey, field) }
        let base = field.base?.members
        guard let workflow = field.workflow?.members, let journey = field.journey?.members,
            base != nil || field.base == nil
        else { return find(isHidden ? .unreadable : .conflict, field) }
        compareMembers(of: field, base ?? [], workflow, journey)
    }

    /// Goes through the members of three objects at once. Their canonical form has them in order.
    private mutating func compareMembers(
        of field: Field, _ base: [JSONObject.Member], _ workflow: [JSONObject.Member], _ journey: [JSONObject.Member]
    ) {
        var (b, w, j) = (0, 0, 0)
        while b < base.count || w < workflow.count || j < journey.count {
            var key = b < base.count ? base[b].key : nil
            if w < workflow.count, key.map({ JSONKeyOrder.precedes(workflow[w].key, $0) }) ?? true {
                key = workflow[w].key
            }
            if j < journey.count, key.map({ JSONKeyOrder.precedes(journey[j].key, $0) }) ?? true {
                key = journey[j].key
            }
            guard let key else { return }
            func take(_ members: [JSONObject.Member], _ place: inout Int) -> JSONValue? {
                guard place < members.count, JSONKeyOrder.areSame(members[place].key, key) else { return nil }
                place += 1
                return members[place - 1].value
            }
            let (agreed, told, heard) = (take(base, &b), take(workflow, &w), take(journey, &j))
            guard agreed != told || agreed != heard else { continue }
            var member = field
            member.path = FieldPath(field.path.root, field.path.names + [ElementID(key)])
            (member.base, member.workflow, member.journey) = (
                agreed.map(FieldValue.init), told.map(FieldValue.init), heard.map(FieldValue.init)
            )
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
    /// Whether something in it cannot be read.
    var holdsHidden: Bool {
        switch self {
        case .hidden: true
        case .content(let value): value.holdsHidden
        case .status, .step: false
        }
    }

    /// The members of data that is an object, in order.
    fileprivate var members: [JSONObject.Member]? {
        guard case .content(.object(let object)) = self else { return nil }
        return object.members
    }
}

extension JSONValue {
    fileprivate var holdsHidden: Bool {
        switch self {
        case .object(let object): (object.count == 1 && isHidden) || object.members.contains { $0.value.holdsHidden }
        case .array(let elements): elements.contains(where: \.holdsHidden)
        case .null, .bool, .number, .string: false
        }
    }
}
