import EventModel

/// Tells forms apart by their structure, never by trying.
enum JourneyDetection {
    static func detect(_ value: JSONValue) throws(JourneyFormatError) -> JourneyFormat {
        guard let top = value.object else { throw .unrecognised(found: ["(\(value.kind))"]) }
        let candidates = candidates(top)
        guard let format = candidates.first else { throw .unrecognised(found: top.keys) }
        guard candidates.count == 1 else { throw .ambiguous(candidates, found: top.keys) }
        return format
    }

    /// A workflow has blocks, or a state that has them; a journey has none.
    private static func candidates(_ top: JSONObject) -> [JourneyFormat] {
        guard top["blocks"] == nil, top["state"] == nil else { return [] }
        var candidates: [JourneyFormat] = []
        let hasTitle = top["title"] != nil
        let hasNodes = top["nodes"] != nil || top["edges"] != nil
        if top["journey"]?.object != nil, hasNodes { candidates.append(.graph) }
        if hasTitle, top["root_id"] != nil, hasNodes { candidates.append(.canonical) }
        if hasTitle, !hasNodes, top["conditions"] != nil || top["triggers"] != nil || top["description"] != nil {
            candidates.append(.journey)
        }
        return candidates
    }
}
