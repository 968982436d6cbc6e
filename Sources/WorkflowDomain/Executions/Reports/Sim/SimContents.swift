import EventModel

/// The contents of a block, brought into one form: Sim's logs keep an error beside the output, its spans inside it, and both carry
/// members that name child workflows instead of saying what the block answered.
struct SimContents {
    let input: JSONValue?
    let output: JSONValue?
    let error: JSONValue?
    /// What was taken out of the output.
    let aside: JSONObject
    /// The spans of a child workflow that were in the output.
    let childSpans: [JSONValue]
    /// What the output says of a pause.
    let pause: JSONValue?

    /// - Parameters:
    ///   - hasFailed: whether the block ended with an error: then an `error` in the output is that error.
    ///   - error: the error beside the output.
    init(input: JSONValue?, output: JSONValue?, error: JSONValue?, hasFailed: Bool) {
        self.input = input
        guard let object = output?.object else {
            self.output = output
            self.error = error
            aside = JSONObject()
            childSpans = []
            pause = nil
            return
        }
        var taken: Set<String> = ["childWorkflowSnapshotId", "childWorkflowId", "childTraceSpans"]
        var aside = JSONObject()
        aside["childWorkflowSnapshotId"] = object["childWorkflowSnapshotId"]
        aside["childWorkflowId"] = object["childWorkflowId"]
        if hasFailed, let inside = object["error"] {
            taken.insert("error")
            if let error, error != inside { aside["outputError"] = inside }
            self.error = error ?? inside
        } else {
            self.error = error
        }
        let left = object.removing(taken)
        self.output = left.isEmpty ? nil : .object(left)
        self.aside = aside
        childSpans = object["childTraceSpans"]?.array ?? []
        pause = object["_pauseMetadata"]
    }

    /// The contents of a report, with what is left of the object that they came from.
    func report(rest: JSONValue?) -> ReportContents {
        let members = (rest?.object ?? JSONObject()).members + aside.members
        return ReportContents(
            input: input, output: output, error: error, rest: members.isEmpty ? nil : .object(JSONObject(members)))
    }
}
