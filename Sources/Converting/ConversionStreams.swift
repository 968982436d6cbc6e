import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

/// The streams that conversions read and write.
enum ConversionStreams {
    static func workflow(_ id: String) throws(ConversionFault) -> StreamName { try stream(WorkflowEvent.category, id) }
    static func journey(_ id: String) throws(ConversionFault) -> StreamName { try stream(JourneyEvent.category, id) }
    static func mapping(_ id: String) throws(ConversionFault) -> StreamName { try stream(MappingEvent.category, id) }
    static func conversion(_ id: String) throws(ConversionFault) -> StreamName {
        try stream(ConversionEvent.category, id)
    }

    private static func stream(_ category: String, _ id: String) throws(ConversionFault) -> StreamName {
        do throws(NameFlaw) {
            return try StreamName(category: Category(category), key: id)
        } catch {
            throw .illegalID(id, limit: error.description)
        }
    }
}
