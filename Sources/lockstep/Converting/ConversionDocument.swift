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
    private let content: ConversionContent
    private let isStored: Bool

    /// - Parameters:
    ///   - content: what was converted.
    ///   - isStored: whether the result is in the log.
    init(_ product: ConversionPlan.Product, of content: ConversionContent, isStored: Bool) {
        self.product = product
        self.content = content
        self.isStored = isStored
    }

    private var source: JourneyDefinition? {
        guard case .journey(let reading) = content else { return nil }
        return reading.definition
    }

    func bytes(_ form: Form) throws(Failure) -> [UInt8] {
        switch (product, form) {
        case (.journey(let made), .json):
            return made.journey.file(id: made.mapping.journeyID, base: isStored ? made.mapping.journeyDigest : nil)
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
