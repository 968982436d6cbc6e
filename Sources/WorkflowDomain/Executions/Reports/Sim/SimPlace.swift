import EventModel

/// Where Sim says that a visit takes place: its events and its logs spell the same in two ways.
enum SimPlace {
    /// The frames of an event: `iterationContainerId`, `iterationType`, `iterationCurrent`, `parentIterations`, `childWorkflowBlockId`.
    static func ofEvent(_ data: inout ReportReader) throws(ReportFlaw) -> [IterationFrame] {
        var frames: [IterationFrame] = []
        // Its value is the name of the child workflow's run, for all that it is called.
        if let run = try data.id("childWorkflowBlockId") { frames.append(.child(run)) }
        frames += try parents(&data)
        if let own = try frame(&data) { frames.append(own) }
        return frames
    }

    /// The frames of a block's log or span: `parallelId` or `loopId` with `iterationIndex`, inside `parentIterations`.
    static func ofLog(_ log: inout ReportReader) throws(ReportFlaw) -> [IterationFrame] {
        var frames = try parents(&log)
        guard let index = try log.ordinal("iterationIndex") else { return frames }
        if let parallel = try log.id("parallelId") {
            frames.append(.parallel(SimNodeID.block(parallel), index: index))
        } else if let loop = try log.id("loopId") {
            frames.append(.loop(SimNodeID.block(loop), index: index))
        }
        return frames
    }

    private static func parents(_ reader: inout ReportReader) throws(ReportFlaw) -> [IterationFrame] {
        var frames: [IterationFrame] = []
        let elements = try reader.elements("parentIterations", limit: ExecutionLimits.frames) ?? []
        for (index, element) in elements.enumerated() {
            var parent = try ReportReader(element, at: reader.path["parentIterations"][index])
            guard let frame = try frame(&parent) else {
                throw .missing(parent.path["iterationContainerId"])
            }
            frames.append(frame)
        }
        return frames
    }

    private static func frame(_ reader: inout ReportReader) throws(ReportFlaw) -> IterationFrame? {
        guard let container = try reader.id("iterationContainerId") else { return nil }
        guard let index = try reader.ordinal("iterationCurrent") else {
            throw .missing(reader.path["iterationCurrent"])
        }
        switch try reader.requiredWord("iterationType") {
        case "loop": return .loop(SimNodeID.block(container), index: index)
        case "parallel": return .parallel(SimNodeID.block(container), index: index)
        case let other: throw .unexpected(reader.path["iterationType"], value: other)
        }
    }
}
