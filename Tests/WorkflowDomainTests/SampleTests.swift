import EventModel
import EventSourcingTesting
import FoundationEssentials
import Testing
import WorkflowDomain

@Suite("Our demonstrations") struct DemonstrationTests {
    @Test func `import without a warning, each under its own id, and cover the formats`() throws {
        let names = try ProjectFiles.names(in: ProjectFiles.demonstrations)
        var ids: Set<WorkflowID> = []
        var formats: Set<WorkflowFormat> = []
        for name in names {
            let reading = try WorkflowFile.read(
                try ProjectFiles.bytes("\(ProjectFiles.demonstrations)/\(name)"), name: name, knownTypesOnly: true)
            #expect(reading.warnings.isEmpty, "\(name): \(reading.warnings.map(\.description))")
            ids.insert(reading.id)
            formats.insert(reading.format)
        }
        #expect(names.count >= 8 && ids.count == names.count)
        #expect(formats == Set(WorkflowFormat.allCases).subtracting([.yamlFragment]))
    }

    @Test func `cover control flow and its handles`() throws {
        let definitions = try ProjectFiles.names(in: ProjectFiles.demonstrations).map { name in
            try WorkflowFile.read(try ProjectFiles.bytes("\(ProjectFiles.demonstrations)/\(name)"), name: name)
                .definition
        }
        let types = Set(definitions.flatMap(\.blocks).map(\.type))
        #expect(
            types.isSuperset(of: [
                "condition", "router", "router_v2", "loop", "parallel", "human_in_the_loop", "wait", "workflow",
                "response",
                "variables", "evaluator", "note", "schedule", "starter", "start_trigger", "generic_webhook",
            ]))
        let handles = definitions.flatMap(\.edges).map(\.handle)
        #expect(handles.contains(.failure) && handles.contains(.containerStart) && handles.contains(.containerEnd))
        #expect(definitions.contains { !$0.variables.isEmpty })
    }
}

/// Real workflows of other people, where they lie beside the checkout; they are not part of the project.
@Suite("Real workflows", .enabled(if: RealWorkflows.arePresent)) struct SampleTests {
    struct Row: Sendable, CustomStringConvertible {
        let file: String
        let format: String
        let blocks: Int
        let edges: Int
        var description: String { file }

        var formats: [WorkflowFormat] {
            switch format {
            case "export-1.0": [.export]
            case "serialized(executor)": [.serialized]
            case "yaml-1.0": [.yaml]
            case "yaml-fragment": [.yamlFragment]
            case "invalid-fixture": [.serialized, .state]
            default: [.state, .legacyState]
            }
        }
    }

    static let rows: [Row] = {
        let text = (try? ProjectFiles.bytes(RealWorkflows.manifest)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count > 7, let blocks = Int(fields[6]), let edges = Int(fields[7]) else { return nil }
            return Row(file: fields[0], format: fields[5], blocks: blocks, edges: edges)
        }
    }()

    private func reading(_ row: Row, knownTypesOnly: Bool = false) throws -> WorkflowReading {
        try WorkflowFile.read(
            try ProjectFiles.bytes("\(RealWorkflows.directory)/\(row.file)"), name: row.file,
            knownTypesOnly: knownTypesOnly)
    }

    @Test(arguments: rows.filter { $0.format != "invalid-fixture" })
    func `are read as what the manifest says`(_ row: Row) throws {
        let reading = try reading(row)
        #expect(row.formats.contains(reading.format))
        #expect(reading.definition.counts.blocks == row.blocks && reading.definition.counts.edges == row.edges)
        let again = try WorkflowFile.read(reading.definition.canonicalBytes(), name: row.file)
        #expect(again.definition == reading.definition && again.digest == reading.digest)
    }

    /// A type that Sim does not know may be one that it has learned since, but a spelling that no type can have is a mistake; a
    /// serialized block without metadata has no type at all.
    @Test(arguments: rows.filter { $0.format == "invalid-fixture" })
    func `that are invalid on purpose are refused for that reason`(_ row: Row) throws {
        #expect {
            try reading(row)
        } throws: { error in
            guard case .problems(let problems, _) = error as? WorkflowFormatError, problems.count == 1 else {
                return false
            }
            switch problems[0].kind {
            case .missingMetadata: return row.file.contains("MissingMetadata")
            case .malformedType: return row.file.contains("createInvalid")
            default: return false
            }
        }
    }

    @Test func `are all there`() throws {
        let files = try ProjectFiles.names(in: RealWorkflows.directory).filter { $0.hasSuffix(".json") }
        #expect(Set(files) == Set(Self.rows.map(\.file)))
    }
}
