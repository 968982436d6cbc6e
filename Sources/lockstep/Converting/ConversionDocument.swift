import ArgumentParser
import Conversion
import Converting
import EventModel
import JourneyDomain
import WorkflowDomain

/// The result of a conversion as a document.
struct ConversionDocument: Sendable {
    /// How it is written.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        /// The journey's canonical form, or Sim's export.
        case json
        /// The journey as Parlant draws it.
        case mermaid
    }

    private let product: ConversionPlan.Product
    private let source: JourneyDefinition?

    /// - Parameter source: the journey that became a workflow.
    init(_ product: ConversionPlan.Product, source: JourneyDefinition?) {
        self.product = product
        self.source = source
    }

    func bytes(_ form: Form) throws(Failure) -> [UInt8] {
        switch (product, form) {
        case (.journey(let made), .json): return made.journey.canonicalBytes()
        case (.journey(let made), .mermaid): return Array(made.journey.mermaid.utf8)
        case (.workflow, .mermaid): return Array((source?.mermaid ?? "").utf8)
        case (.workflow(let made), .json):
            do throws(WritingFlaw) {
                return try made.workflow.written(as: .export).bytes
            } catch {
                throw Failure(
                    .no, describing: error.description, otherwise: "run `lockstep validate` on the journey")
            }
        }
    }
}
