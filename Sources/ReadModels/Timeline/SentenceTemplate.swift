import EventModel

/// How an event is told in one sentence: words, and places of its payload. Written as a string with interpolations.
///
/// A template reads open fields only. Of a field that holds personal data it says that there is one and whether it is hidden, never
/// what it is: the timeline keeps its sentences for ever.
struct SentenceTemplate: ExpressibleByStringInterpolation, Sendable {
    /// A part of the sentence.
    indirect enum Piece: Sendable {
        /// As written.
        case words(String)
        /// The text at the first of the places that has one, in quotation marks.
        case name([PayloadFields.Path])
        /// The text or number at a place as it is; `_` is a space.
        case plain(PayloadFields.Path)
        /// The words for a text, or the text itself where there are none.
        case choice(PayloadFields.Path, [String: String])
        /// How many: a number, or the number of elements or members; with a noun in the singular. Zero may count as nothing.
        case count(PayloadFields.Path, of: String, zero: Bool)
        /// Words for a personal value, and whether it is sealed or erased.
        case personal(PayloadFields.Path, as: String)
        /// What a difference adds, removes and changes, of each kind: the member's name and the noun.
        case difference(PayloadFields.Path, [(String, noun: String)])
        /// Left out unless everything in it is there.
        case optional(SentenceTemplate)
        /// Left out unless the truth value at the place is true.
        case whenTrue(PayloadFields.Path, String)
    }

    /// The parts in order.
    let pieces: [Piece]
    /// Every place that the sentence needs.
    let shape: PayloadShape

    init(stringLiteral value: String) { self.init([.words(value)]) }

    init(stringInterpolation: StringInterpolation) { self.init(stringInterpolation.pieces) }

    private init(_ pieces: [Piece]) {
        self.pieces = pieces
        shape = PayloadShape(pieces.flatMap(\.paths))
    }

    /// Collects the parts.
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        init(literalCapacity: Int, interpolationCount: Int) {}

        mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { pieces.append(.words(literal)) } }

        mutating func appendInterpolation(_ path: StaticString...) { pieces.append(.name([path])) }

        mutating func appendInterpolation(first paths: PayloadFields.Path...) { pieces.append(.name(paths)) }

        mutating func appendInterpolation(plain path: StaticString...) { pieces.append(.plain(path)) }

        mutating func appendInterpolation(_ path: StaticString..., told words: [String: String]) {
            pieces.append(.choice(path, words))
        }

        mutating func appendInterpolation(count path: StaticString..., of noun: String) {
            pieces.append(.count(path, of: noun, zero: true))
        }

        mutating func appendInterpolation(some path: StaticString..., of noun: String) {
            pieces.append(.count(path, of: noun, zero: false))
        }

        mutating func appendInterpolation(personal path: StaticString..., as words: String) {
            pieces.append(.personal(path, as: words))
        }

        mutating func appendInterpolation(difference path: StaticString..., of kinds: [(String, noun: String)]) {
            pieces.append(.difference(path, kinds))
        }

        mutating func appendInterpolation(when template: SentenceTemplate) { pieces.append(.optional(template)) }

        mutating func appendInterpolation(ifTrue name: StaticString, _ words: String) {
            pieces.append(.whenTrue([name], words))
        }
    }
}

extension SentenceTemplate.Piece {
    fileprivate var paths: [PayloadFields.Path] {
        switch self {
        case .words: []
        case .name(let paths): paths
        case .plain(let path), .choice(let path, _), .count(let path, _, _), .personal(let path, _),
            .difference(let path, _), .whenTrue(let path, _):
            [path]
        case .optional(let template): template.shape.paths
        }
    }
}
