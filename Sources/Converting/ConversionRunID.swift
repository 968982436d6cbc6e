import Conversion
import EventModel
import FoundationEssentials

extension ConversionStarted {
    /// The conversion of this content by this version's rules: whoever asks for it, and however often, it is the same run.
    init(_ direction: ConversionDirection, of id: String, digest: ContentDigest, in workspace: Workspace) {
        let name = [workspace.rawValue, direction.rawValue, id, digest.hexadecimal].joined(separator: "\u{0}")
        self.init(
            run: TimeOrderedID.derived(
                from: Self.namespace, name: name, index: ConversionRules.version, at: Timestamp(microseconds: 0)),
            direction: direction, sourceID: id, sourceDigest: digest, rules: ConversionRules.version)
    }

    /// Tells ids of conversions from all others that are derived from names.
    private static let namespace = UUID(
        uuid: (0x6c, 0x6f, 0x63, 0x6b, 0x73, 0x74, 0x65, 0x70, 0x80, 0, 0, 0, 0, 0, 0, 1))
}
