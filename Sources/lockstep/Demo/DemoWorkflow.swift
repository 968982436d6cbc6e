import EventModel
import Schemas
import WorkflowDomain

/// A workflow file that is built into the program.
struct DemoWorkflow: Sendable {
    let name: String
    let bytes: [UInt8]

    /// - Throws: ``Failure`` when the program was built without them.
    static func all() throws(Failure) -> [DemoWorkflow] {
        let all = Schemas.demoWorkflows.map { DemoWorkflow(name: $0.name, bytes: $0.bytes) }
        guard !all.isEmpty else {
            throw Failure(.internal, "this program carries no workflows", hint: "build it from a complete checkout")
        }
        return all
    }

    func reading() throws -> WorkflowReading { try WorkflowFile.read(bytes, name: name) }

    /// One of the files as somebody has edited it: its last block, to which nothing refers, has another name.
    static func changed(_ workflows: [DemoWorkflow]) async throws -> DemoWorkflow {
        for workflow in workflows {
            guard var file = try? JSONValue(workflow.bytes, limits: .file), var state = file["state"]?.object,
                var blocks = state["blocks"]?.object, let last = blocks.members.last, var block = last.value.object
            else { continue }
            block["name"] = .string((block["name"]?.string ?? last.key) + " (checked)")
            blocks[last.key] = .object(block)
            state["blocks"] = .object(blocks)
            if case .object(var object) = file {
                object["state"] = .object(state)
                file = .object(object)
            }
            return DemoWorkflow(name: workflow.name, bytes: file.compactBytes())
        }
        throw Failure(
            .internal, "no built-in workflow can be changed", hint: "build the program from a complete checkout")
    }
}
