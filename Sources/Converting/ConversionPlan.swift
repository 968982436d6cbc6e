import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

/// A conversion that has been carried out but not stored: the first five of the six steps, which need nothing from outside.
public struct ConversionPlan: Sendable {
    /// What came of it.
    public enum Product: Sendable {
        /// A workflow became a journey.
        case journey(JourneyConversion)
        /// A journey became a workflow.
        case workflow(WorkflowConversion)
    }

    /// What came of it.
    public let product: Product
    /// Which element became which.
    public let mapping: Mapping
    /// What has no native form.
    public let report: ConversionReport
    /// What each step counted.
    public let steps: [Step]
    /// What the validation of source and result has remarked; no errors among it unless they were tolerated.
    public let findings: [Finding]

    /// A step that is done, and what it counted.
    public struct Step: Sendable, Equatable {
        /// The step.
        public let step: ConversionStep
        /// Counts by name.
        public let counts: JSONObject
    }

    /// Why a plan was not made.
    public struct Refusal: Error, Sendable {
        /// The step that refused.
        public let step: ConversionStep
        /// A stable word for the reason.
        public let code: String
        /// The reason in a sentence.
        public let message: String
        /// What was found wrong.
        public let findings: [Finding]
        /// The steps before.
        public let steps: [Step]

        /// Whether tolerating errors would help: nobody can tolerate that something does not fit.
        public var isTolerable: Bool { code == "invalid_source" || code == "invalid_result" }
    }

    /// This plan, unless an event cannot hold what came of it: then nothing is to be stored, not even what was brought along.
    public var storable: Result<ConversionPlan, Refusal> {
        let excess =
            switch product {
            case .journey(let made): StoredSizes.findings(of: made, mapping: mapping)
            case .workflow(let made): StoredSizes.findings(of: made, mapping: mapping)
            }
        guard let first = excess.first else { return .success(self) }
        return .failure(
            Refusal(step: .storeMapping, code: "limit_exceeded", message: first.message, findings: excess, steps: steps)
        )
    }

    /// Converts a workflow.
    ///
    /// - Parameters:
    ///   - id: the workflow's id.
    ///   - scope: what the workflow is taken for; see ``WorkflowDomain/WorkflowFormat/scope``.
    ///   - toleratesErrors: whether errors of the source are remarks only; what has no native form is kept all the same.
    ///   - observe: hears of each step as it is done.
    public static func converting(
        _ workflow: WorkflowDefinition, id: String, scope: WorkflowValidation.Scope, toleratesErrors: Bool = false,
        observe: (Step) -> Void = { _ in }
    ) throws(Refusal) -> ConversionPlan {
        var making = PlanMaking(toleratesErrors: toleratesErrors)
        try making.judge(
            WorkflowValidation.findings(of: workflow, scope: scope), .validateSource, "the workflow", observe)
        making.count(
            .analyse,
            ["blocks": workflow.blocks.count, "edges": workflow.edges.count, "variables": workflow.variables.count],
            observe)
        let product: JourneyConversion
        do throws(ConversionError) {
            product = try WorkflowToJourney.convert(workflow, id: id)
        } catch {
            throw making.refusal(.generateStates, "unconvertible", "\(error)")
        }
        making.count(.generateStates, ["states": product.journey.states.count], observe)
        making.count(
            .createTransitions,
            ["transitions": product.journey.transitions.count, "without_native_form": product.report.remarkCount],
            observe)
        try making.judge(JourneyValidation.findings(of: product.journey), .validateResult, "the journey", observe)
        return ConversionPlan(
            product: .journey(product), mapping: product.mapping, report: product.report, steps: making.steps,
            findings: making.findings)
    }

    /// Converts a journey.
    ///
    /// - Parameters:
    ///   - id: the journey's id.
    ///   - scope: what the workflow that comes of it is taken for: a journey that was made from a part of a workflow goes back to a part.
    ///   - toleratesErrors: whether errors of the source are remarks only.
    ///   - observe: hears of each step as it is done.
    public static func converting(
        _ journey: JourneyDefinition, id: String, scope: WorkflowValidation.Scope, toleratesErrors: Bool = false,
        observe: (Step) -> Void = { _ in }
    ) throws(Refusal) -> ConversionPlan {
        var making = PlanMaking(toleratesErrors: toleratesErrors)
        try making.judge(JourneyValidation.findings(of: journey), .validateSource, "the journey", observe)
        making.count(
            .analyse, ["states": journey.states.count, "transitions": journey.transitions.count], observe)
        let product: WorkflowConversion
        do throws(ConversionError) {
            product = try JourneyToWorkflow.convert(journey, id: id)
        } catch {
            throw making.refusal(.generateStates, "unconvertible", "\(error)")
        }
        making.count(.generateStates, ["blocks": product.workflow.blocks.count], observe)
        making.count(
            .createTransitions,
            ["edges": product.workflow.edges.count, "without_native_form": product.report.remarkCount], observe)
        try making.judge(
            WorkflowValidation.findings(of: product.workflow, scope: scope), .validateResult, "the workflow", observe)
        return ConversionPlan(
            product: .workflow(product), mapping: product.mapping, report: product.report, steps: making.steps,
            findings: making.findings)
    }
}

/// Gathers what the steps of a plan count and find.
private struct PlanMaking {
    let toleratesErrors: Bool
    var steps: [ConversionPlan.Step] = []
    var findings: [Finding] = []

    init(toleratesErrors: Bool) { self.toleratesErrors = toleratesErrors }

    mutating func count(_ step: ConversionStep, _ counts: [String: Int], _ observe: (ConversionPlan.Step) -> Void) {
        let members = counts.sorted { $0.key < $1.key }.map {
            JSONObject.Member(key: $0.key, value: .number(JSONNumber($0.value)))
        }
        let done = ConversionPlan.Step(step: step, counts: JSONObject(members))
        steps.append(done)
        observe(done)
    }

    mutating func judge(
        _ found: [Finding], _ step: ConversionStep, _ what: String, _ observe: (ConversionPlan.Step) -> Void
    ) throws(ConversionPlan.Refusal) {
        let errors = found.count { $0.severity == .error }
        findings += found
        guard errors == 0 || toleratesErrors else {
            let message = "\(what) has \(errors == 1 ? "1 error" : "\(errors) errors")"
            throw refusal(step, step == .validateSource ? "invalid_source" : "invalid_result", message)
        }
        count(
            step, ["errors": errors, "warnings": found.count { $0.severity == .warning }, "findings": found.count],
            observe)
    }

    func refusal(_ step: ConversionStep, _ code: String, _ message: String) -> ConversionPlan.Refusal {
        ConversionPlan.Refusal(
            step: step, code: code, message: message, findings: findings.filter { $0.severity == .error },
            steps: steps)
    }
}
