import EventModel
import JourneyDomain
import WorkflowDomain

/// What a block is in the words of a journey.
struct BlockWording {
    /// What happens in its state.
    let kind: JourneyState.Kind
    /// What the agent is told to do; never empty, because a state without action ends the journey silently.
    let action: String
    /// The tools that run.
    let tools: [String]
    /// The input that the action repeats, if it does.
    let source: ActionSource?

    private init(
        _ kind: JourneyState.Kind, _ action: String, tools: [String] = [], source: ActionSource? = nil
    ) {
        self.kind = kind
        self.action = action
        self.tools = tools
        self.source = source
    }

    init(of block: Block) {
        self = block.isEnabled ? Self.enabled(block) : Self(.fork, "\(block.title) is switched off")
    }

    private static func enabled(_ block: Block) -> BlockWording {
        if block.isTrigger { return Self(.fork, "Begin with \(block.title) and go on") }
        switch block.type {
        case "agent": return chat(block, prefix: "", inputs: ActionSource.prompts, otherwise: "Do \(block.title)")
        case "human_in_the_loop":
            return chat(
                block, prefix: "Ask for a decision and wait for it: ", inputs: ["display", "notification"],
                otherwise: "Ask for a decision on \(block.title) and wait for it")
        case "response":
            return chat(block, prefix: "Give the final answer: ", inputs: ["data"], otherwise: "Give the final answer")
        case "condition", "router", "router_v2": return Self(.fork, "Decide how to go on after \(block.title)")
        case "loop": return Self(.fork, "Decide whether \(block.title) needs another round")
        case "parallel": return Self(.fork, "Visit the branches of \(block.title) one after the other")
        case "wait": return Self(.tool, "Wait\(duration(block))", tools: [tool(block)])
        case "workflow", "workflow_input": return child(block)
        default: return Self(.tool, "Run \(block.title)", tools: [tool(block)])
        }
    }

    private static func tool(_ block: Block) -> String { "sim:" + block.type }

    private static func chat(_ block: Block, prefix: String, inputs: [String], otherwise: String) -> BlockWording {
        guard let source = ActionSource.find(in: block, inputs: inputs, prefix: prefix) else {
            return Self(.chat, otherwise)
        }
        return Self(.chat, prefix + source.text, source: source)
    }

    private static func duration(_ block: Block) -> String {
        guard let amount = block.value("amount")?.plainText, !amount.isEmpty else { return " as \(block.title) says" }
        let unit = block.value("unit")?.plainText ?? ""
        return " \(amount)" + (unit.isEmpty ? "" : " \(unit)") + " before going on"
    }

    private static func child(_ block: Block) -> BlockWording {
        let child = (block.value("workflowId") ?? block.value("workflow"))?.plainText ?? ""
        let name = child.isEmpty ? "of \(block.title)" : "of the workflow “\(child)”"
        return Self(.tool, "Go through the journey \(name) and come back", tools: [tool(block)])
    }
}

/// The input of a block that its state's action repeats, so that an edit of the action can be an edit of the input.
struct ActionSource {
    /// An agent's inputs that say what to do, the most telling first.
    static let prompts = ["systemPrompt", "system", "messages", "prompt", "userPrompt"]

    /// The input.
    let input: ElementID
    /// What stands before its text in the action.
    let prefix: String
    /// The text.
    let text: String
    /// The message among several whose content it is.
    let message: Int?
    /// Whether the messages are JSON inside a string.
    let isEncoded: Bool

    /// The first of `inputs` that holds a text.
    static func find(in block: Block, inputs: [String], prefix: String) -> ActionSource? {
        for input in inputs {
            guard let value = block.value(input) else { continue }
            let id = ElementID(input)
            if let messages = messages(in: value), let place = telling(messages) {
                return ActionSource(
                    input: id, prefix: prefix, text: messages[place]["content"]?.string ?? "", message: place,
                    isEncoded: value.string != nil)
            }
            if let text = value.string, !text.isEmpty {
                return ActionSource(input: id, prefix: prefix, text: text, message: nil, isEncoded: false)
            }
        }
        return nil
    }

    /// The block whose action is `action`.
    /// - Returns: `nil` when the action lacks the prefix, or nothing but the prefix is left of it.
    func replacing(action: String, in block: Block) -> Block? {
        guard action.utf8.starts(with: prefix.utf8), action.utf8.count > prefix.utf8.count else { return nil }
        let text = String(decoding: action.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        return block.replacing(input: input) { value in
            guard let message, var messages = Self.messages(in: value), messages.indices.contains(message),
                case .object(var object) = messages[message]
            else { return .string(text) }
            object["content"] = .string(text)
            messages[message] = .object(object)
            let list = JSONValue.array(messages)
            return isEncoded ? .string(String(decoding: list.compactBytes(), as: UTF8.self)) : list
        }
    }

    private static func messages(in value: JSONValue) -> [JSONValue]? {
        if let array = value.array { return array }
        guard let text = value.string, text.utf8.first == UInt8(ascii: "[") else { return nil }
        return (try? JSONValue(text: text))?.array
    }

    private static func telling(_ messages: [JSONValue]) -> Int? {
        func isText(_ message: JSONValue) -> Bool { message["content"]?.string.map { !$0.isEmpty } ?? false }
        return messages.firstIndex { $0["role"] == "system" && isText($0) } ?? messages.firstIndex(where: isText)
    }
}

extension Block {
    /// How texts speak of it.
    var title: String { name.isEmpty ? "the block of type “\(type)”" : "“\(name)”" }

    /// This block with another value of an input.
    func replacing(input: ElementID, by change: (JSONValue) -> JSONValue) -> Block {
        let changed = subBlocks.map { subBlock in
            guard subBlock.id == input else { return subBlock }
            return SubBlock(
                id: subBlock.id, type: subBlock.type, value: change(subBlock.value), extra: subBlock.extra)
        }
        return replacing(subBlocks: changed)
    }

    /// This block with some parts exchanged.
    func replacing(
        name: String? = nil, subBlocks: [SubBlock]? = nil, data: JSONObject? = nil
    ) -> Block {
        Block(
            id: id, type: type, name: name ?? self.name, position: position, subBlocks: subBlocks ?? self.subBlocks,
            outputs: outputs, isEnabled: isEnabled, data: data ?? self.data, extra: extra)
    }
}

extension JSONValue {
    /// A string, or a number as it is spelled.
    var plainText: String? { string ?? number?.lexeme }
}
