import EventModel

/// One visit of an execution to a block: the block, the iteration that it happens in, and which of several visits there it is.
///
/// A block in a loop is visited once an iteration, in a parallel once a branch. Where an engine runs a block twice in the same place
/// (after a pause, or because its graph has cycles), the engine's own running number tells the visits apart.
public struct BlockVisit: Hashable, Sendable {
    /// The block, as the definition calls it.
    public let block: ElementID
    /// The iterations around it, outermost first.
    public let frames: [IterationFrame]
    /// The engine's running number of the visit in its execution; `nil` when the engine does not say.
    public let order: Int?

    /// A visit.
    public init(_ block: ElementID, in frames: [IterationFrame] = [], order: Int? = nil) {
        self.block = block
        self.frames = frames
        self.order = order
    }

    /// Whether the block is one of the execution's own workflow, not of a child workflow that it runs.
    public var isOwn: Bool {
        frames.allSatisfy { frame in
            switch frame {
            case .loop, .parallel: true
            case .child: false
            }
        }
    }
}

extension BlockVisit: CustomStringConvertible {
    /// `block@loop-1[2]/p[0]#7`: for people, and the name of the visit in read models.
    public var description: String {
        let place = frames.isEmpty ? "" : "@" + frames.map(\.description).joined(separator: "/")
        return block.text + place + (order.map { "#\($0)" } ?? "")
    }
}

/// One iteration that a visit is inside of.
public enum IterationFrame: Hashable, Sendable {
    /// A round of a loop, counted from 0.
    case loop(ElementID, index: Int)
    /// A branch of a parallel, counted from 0.
    case parallel(ElementID, index: Int)
    /// A run of a child workflow, by the engine's name of the run.
    case child(String)
}

extension IterationFrame: CustomStringConvertible {
    /// `container[index]`, or `child(run)`.
    public var description: String {
        switch self {
        case .loop(let container, let index), .parallel(let container, let index): "\(container.text)[\(index)]"
        case .child(let run): "child(\(run))"
        }
    }
}

extension BlockVisit: Snapshotable {
    /// An object.
    public var snapshot: JSONValue {
        .object(
            JSONObject(omittingNil: [
                "block": .string(block.text), "frames": frames.isEmpty ? nil : .array(frames.map(\.value)),
                "order": order.map { .number(JSONNumber($0)) },
            ]))
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        var frames: [IterationFrame] = []
        for frame in try snapshot.elements("frames") { frames.append(try IterationFrame(frame)) }
        self.init(
            ElementID(try snapshot.text("block")), in: frames, order: try snapshot.optionalInt("order"))
    }
}
