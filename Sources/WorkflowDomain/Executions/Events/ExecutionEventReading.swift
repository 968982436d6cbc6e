import EventModel

extension ExecutionEvent {
    /// Reads back what ``payload`` answered. Sealed and erased values may stand in the place of contents.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard let name = ExecutionEventType(type), schemaVersion == ExecutionEventType.schemaVersion else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        var pin: MappingPin?
        if let mapping = try payload.optionalNested("mapping") { pin = try MappingPin(mapping) }
        var change: VisitChange?
        if let reader = try payload.optionalNested("change") {
            change = VisitChange(
                before: reader.has("before") ? try reader.choice("before") : nil, after: try reader.choice("after"))
        }
        self.init(
            report: try ExecutionReport(payload, fact: try ExecutionFact(payload, name)), pin: pin,
            isImplied: try payload.optionalBool("implied") ?? false,
            standing: try ExecutionStanding(payload.nested("standing")), change: change)
    }
}

extension ExecutionReport {
    fileprivate init(_ reader: PayloadReader, fact: ExecutionFact) throws(EventFlaw) {
        let original = try reader.nested("original")
        self.init(
            fact, of: try reader.parsed("execution", ExecutionID.init),
            workflow: reader.has("workflow") ? try reader.parsed("workflow", WorkflowID.init(_:)) : nil,
            subject: try reader.text("subject"), at: try reader.optionalMoment("at"),
            startedAt: try reader.optionalMoment("startedAt"), endedAt: try reader.optionalMoment("endedAt"),
            contents: ReportContents(
                input: reader.optionalValue("input"), output: reader.optionalValue("output"),
                error: reader.optionalValue("error"), rest: reader.optionalValue("rest")),
            original: OriginalWord(
                source: try original.text("source"), word: try original.text("word"),
                sequence: try original.optionalInt("sequence"), more: try original.optionalObject("more")))
    }
}

extension ExecutionFact {
    fileprivate init(_ reader: PayloadReader, _ name: ExecutionEventType) throws(EventFlaw) {
        switch name {
        case .started: self = .started(try ExecutionStart(reader))
        case .blockStarted: self = .blockStarted(try BlockFact(reader))
        case .blockCompleted: self = .blockCompleted(try BlockFact(reader))
        case .blockFailed: self = .blockFailed(try BlockFact(reader), handled: try reader.bool("handled"))
        case .blockSkipped: self = .blockSkipped(try BlockFact(reader))
        case .childWorkflowStarted: self = .childWorkflowStarted(try BlockFact(reader))
        case .waitStarted: self = .waitStarted(try WaitFact(try reader.nested("wait")))
        case .resumed: self = .resumed(context: try reader.optionalText("context"))
        case .paused: self = .paused
        case .completed: self = .completed
        case .failed: self = .failed(code: try reader.optionalText("code"))
        case .cancelled: self = .cancelled
        case .noted: self = .noted(try reader.choice("status"))
        }
    }
}

extension ExecutionStart {
    fileprivate init(_ reader: PayloadReader) throws(EventFlaw) {
        let definition = try reader.optionalNested("definition")
        self.init(
            trigger: try reader.optionalText("trigger"),
            definition: try definition.map { reader throws(EventFlaw) in
                DefinitionReference(
                    digest: try reader.optionalText("digest"), revision: try reader.optionalText("revision"))
            })
    }
}

extension BlockFact {
    fileprivate init(_ reader: PayloadReader) throws(EventFlaw) {
        let block = try reader.nested("block")
        var frames: [IterationFrame] = []
        for frame in try reader.elements("iteration") { frames.append(try IterationFrame(frame)) }
        self.init(
            BlockVisit(ElementID(try block.text("id")), in: frames, order: try reader.optionalInt("order")),
            attempt: try reader.int("attempt"), name: try block.optionalText("name"),
            type: try block.optionalText("type"), instance: try reader.optionalText("instance"))
    }
}

extension IterationFrame {
    init(_ reader: PayloadReader) throws(EventFlaw) {
        switch try reader.text("kind") {
        case "loop": self = .loop(ElementID(try reader.text("container")), index: try reader.int("index"))
        case "parallel": self = .parallel(ElementID(try reader.text("container")), index: try reader.int("index"))
        case "child": self = .child(try reader.text("run"))
        case let other: throw .unexpected(reader.path["kind"], value: other)
        }
    }
}

extension WaitFact {
    fileprivate init(_ reader: PayloadReader) throws(EventFlaw) {
        let wait = try OpenWait(reader)
        self.init(kind: wait.kind, context: wait.context, resumeAt: wait.resumeAt, blockedOn: wait.blockedOn)
    }
}

extension OpenWait {
    fileprivate init(_ reader: PayloadReader) throws(EventFlaw) {
        self.init(
            kind: reader.has("kind") ? try reader.choice("kind") : nil, context: try reader.optionalText("context"),
            resumeAt: try reader.optionalMoment("resumeAt"),
            blockedOn: try reader.optionalText("blockedOn").map { ElementID($0) })
    }
}

extension ExecutionStanding {
    fileprivate init(_ reader: PayloadReader) throws(EventFlaw) {
        let tally = try VisitTally(reader.nested("visits"))
        let wait = try reader.optionalNested("wait")
        self.init(
            status: try reader.choice("status"), word: try reader.optionalText("word"),
            startedAt: try reader.optionalMoment("startedAt"), endedAt: try reader.optionalMoment("endedAt"),
            code: try reader.optionalText("code"),
            wait: try wait.map { reader throws(EventFlaw) in try OpenWait(reader) }, tally: tally)
    }
}

extension MappingPin {
    init(_ reader: PayloadReader) throws(EventFlaw) {
        self.init(mapping: try reader.text("id"), version: try reader.int("version"))
    }
}

extension VisitTally {
    init(_ reader: PayloadReader) throws(EventFlaw) {
        self.init()
        running = try reader.int("running")
        completed = try reader.int("completed")
        failed = try reader.int("failed")
        skipped = try reader.int("skipped")
        contradictions = try reader.int("contradictions")
    }
}
