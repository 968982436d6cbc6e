import EventModel
import EventSourcing
import Ingest
import JourneyDomain
import Schemas
import WorkflowDomain

/// One run of a built-in workflow as both engines told it: what Sim said of the execution, and Parlant of the conversation that walks for it.
struct DemoRecording: Sendable {
    /// The name of the workflow's file.
    let workflow: String
    /// Execution events of Sim's, one a line.
    let execution: DemoFile
    /// Reports of Parlant's conversation, one a line.
    let conversation: DemoFile

    /// - Throws: ``Failure`` when the program was built without them.
    static func all() throws(Failure) -> [DemoRecording] {
        let all = Schemas.demoRecordings.map { recording in
            DemoRecording(
                workflow: recording.workflow,
                execution: DemoFile(name: recording.execution.name, bytes: recording.execution.bytes),
                conversation: DemoFile(name: recording.conversation.name, bytes: recording.conversation.bytes))
        }
        guard !all.isEmpty else {
            throw Failure(.internal, "this program carries no recordings", hint: "build it from a complete checkout")
        }
        return all
    }

    /// What the lines of the execution say.
    func executionReports() throws -> [ExecutionReport] {
        try execution.payloads.flatMap { try ExecutionReports.read($0) }
    }

    /// What the lines of the conversation say.
    func sessionReports() throws -> [SessionReport] {
        // Every line says itself when it was observed.
        try conversation.payloads.flatMap { try SessionReports.read($0, receivedAt: .earliest) }
    }
}

/// Which execution and which conversation a recording is of.
struct DemoRun: Sendable {
    let workflow: String
    let execution: String
    let session: String

    /// - Throws: ``Failure`` when the recording says neither, or speaks of two.
    init(_ recording: DemoRecording) throws {
        let executions = Set(try recording.executionReports().map(\.execution.text))
        let sessions = Set(try recording.sessionReports().map(\.session))
        guard let execution = executions.first, executions.count == 1, let session = sessions.first,
            sessions.count == 1
        else {
            throw Failure(
                .internal, "the recording of \(recording.workflow) is not of one execution and one conversation",
                hint: "build the program from a complete checkout")
        }
        workflow = recording.workflow
        self.execution = execution
        self.session = session
    }
}

/// A file that is built into the program.
struct DemoFile: Sendable {
    let name: String
    let bytes: [UInt8]

    /// The payloads, found as `lockstep ingest` finds them.
    var payloads: [[UInt8]] { pieces.map(\.bytes) }

    /// The payloads as messages, of which each is known by its content: a line that comes again is the same message.
    func messages(at time: Timestamp) -> [InboundMessage] {
        pieces.map { piece in
            InboundMessage(
                key: InboundKey(content: piece.bytes), payload: piece.bytes, receivedAt: time, keepsTime: false,
                actor: DemoImports.actor, origin: "\(name):\(piece.line)")
        }
    }

    private var pieces: [DocumentSplitter.Piece] {
        var splitter = DocumentSplitter()
        return splitter.take(bytes) + splitter.finish()
    }
}
