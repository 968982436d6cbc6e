import EventModel
import WorkflowDomain

/// One workflow file, by itself or from inside an archive.
public struct WorkflowSource: Sendable, Equatable {
    /// What it is called: its path, for a file in an archive `<archive>/<path inside>`.
    public let name: String
    /// Its bytes.
    public let bytes: [UInt8]
    /// The workspace that the archive was exported from, if it says so.
    public let workspaceName: String?

    /// A source.
    public init(name: String, bytes: [UInt8], workspaceName: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.workspaceName = workspaceName
    }

    /// The workflow files in `bytes`: themselves, or, if they are a ZIP archive, each one inside by path. What an archive says of the
    /// workspace or the folder that it was made from (`_workspace.json`, `_folder.json`) is no workflow.
    ///
    /// - Throws: ``ArchiveFlaw`` when the archive cannot be trusted as a whole; then nothing of it is used.
    public static func sources(in bytes: [UInt8], named name: String) throws(ArchiveFlaw) -> WorkflowSources {
        guard bytes.starts(with: [0x50, 0x4B]) else {
            return WorkflowSources([WorkflowSource(name: name, bytes: bytes)])
        }
        let archive = try ZipArchive(bytes)
        let chosen = archive.entries.filter { isWorkflowFile($0.path) }
        let described = archive.entries.filter { descriptions.contains(WorkflowFiles.baseName(of: $0.path)) }
        try archive.check(chosen + described)
        var workspaceName: String?
        for entry in described {
            let value = try? JSONValue(try archive.unpack(entry), limits: .file)
            workspaceName = workspaceName ?? value?["workspace"]?["name"]?.string
        }
        var sources: [WorkflowSource] = []
        for entry in chosen.sorted(by: { $0.path < $1.path }) {
            sources.append(
                WorkflowSource(
                    name: "\(name)/\(entry.path)", bytes: try archive.unpack(entry), workspaceName: workspaceName))
        }
        let used = Set((chosen + described).map(\.path))
        return WorkflowSources(sources, passedOver: archive.entries.map(\.path).filter { !used.contains($0) }.sorted())
    }

    /// What an archive says of itself.
    private static let descriptions: Set<String> = ["_workspace.json", "_folder.json"]

    /// A file that is called like a workflow, hidden ones and what some systems add aside.
    private static func isWorkflowFile(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let base = parts.last, !descriptions.contains(String(base)) else { return false }
        guard !parts.contains(where: { $0.hasPrefix(".") || $0 == "__MACOSX" }) else { return false }
        return WorkflowFiles.isCalledWorkflow(String(base))
    }
}

/// The workflow files of one file.
public struct WorkflowSources: RandomAccessCollection, Sendable, Equatable {
    /// Names that are told of those that were passed over.
    private static let told = 10

    /// They, by path.
    public let sources: [WorkflowSource]
    /// Files of an archive that are no workflow files, and hidden ones, by path: they were not looked into.
    public let passedOver: [String]

    init(_ sources: [WorkflowSource], passedOver: [String] = []) {
        self.sources = sources
        self.passedOver = passedOver
    }

    /// The place of the first.
    public var startIndex: Int { sources.startIndex }
    /// The place behind the last.
    public var endIndex: Int { sources.endIndex }
    /// The one at a place.
    public subscript(position: Int) -> WorkflowSource { sources[position] }

    /// How many files were passed over, and which, in a sentence; `nil` when none was.
    public var remark: String? {
        guard !passedOver.isEmpty else { return nil }
        let names = passedOver.prefix(Self.told).map(ZipName.shown).joined(separator: ", ")
        let more = passedOver.count > Self.told ? " and \(passedOver.count - Self.told) more" : ""
        let files = passedOver.count == 1 ? "1 file" : "\(passedOver.count) files"
        return "\(files) of the archive passed over as no workflow files: \(names)\(more)"
    }
}

/// What became of reading one source.
public struct WorkflowSourceReading: Sendable {
    /// What the source is called.
    public let name: String
    /// The workflow, or why there is none.
    public let result: Result<WorkflowReading, ImportError>
}

extension WorkflowSource {
    /// Reads the sources of one file by itself, as ``readings(of:chosenID:taken:)`` does.
    public static func readings(
        of sources: some Collection<WorkflowSource>, chosenID: String? = nil
    ) -> [WorkflowSourceReading] {
        var taken = TakenWorkflows()
        return readings(of: sources, chosenID: chosenID, taken: &taken)
    }

    /// Reads the sources of one file of an import.
    ///
    /// Two files of one import with the same id are two workflows of the same name in two folders: the later one is
    /// refused, because it would be taken for a revision of the first. Import it alone and choose its id.
    ///
    /// - Parameters:
    ///   - chosenID: the id that the caller wants; for one source only.
    ///   - taken: what the import has read before, and what it reads now.
    public static func readings(
        of sources: some Collection<WorkflowSource>, chosenID: String? = nil, taken: inout TakenWorkflows
    ) -> [WorkflowSourceReading] {
        sources.map { source in
            WorkflowSourceReading(
                name: source.name,
                result: Result { () throws(ImportError) in
                    guard chosenID == nil || sources.count == 1 else { throw .idForSeveral(count: sources.count) }
                    let reading = try source.reading(chosenID: chosenID)
                    try taken.take(reading, from: source.name)
                    return reading
                })
        }
    }

    private func reading(chosenID: String?) throws(ImportError) -> WorkflowReading {
        do throws(WorkflowFormatError) {
            return try WorkflowFile.read(bytes, name: name, chosenID: chosenID)
        } catch {
            throw .format(error)
        }
    }
}
