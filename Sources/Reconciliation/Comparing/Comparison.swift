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

    let sides: Sides

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
    struct Field {
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

    mutating func find(_ kind: Finding.Kind, by side: Side? = nil, _ field: Field) {
        guard !(kind.isDecided || kind == .unreadable) || !sides.base.accepts(field.path, field.workflow, field.journey)
        else { return }
        if findings.isEmpty { findings.reserveCapacity(Self.usualFindings) }
        findings.append(
            Finding(
                path: field.path, kind: kind, side: side, base: field.base, workflow: field.workflow,
                journey: field.journey, workflowOrigin: field.workflowOrigin, journeyOrigin: field.journeyOrigin))
    }
}
