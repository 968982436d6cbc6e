/// Why a sealed value, or a wrapped key, cannot be opened.
public enum SealFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is not base64, or too short to be a ciphertext.
    case malformed
    /// The ciphertext is not what was sealed here under this key: it was altered, or moved from another event or place.
    case tampered
    /// What was sealed is not JSON: it was not written by this program.
    case notJSON
    /// The cipher refused to work.
    case cipher

    /// What is wrong, without any content.
    public var description: String {
        switch self {
        case .malformed: "the ciphertext is malformed"
        case .tampered: "the ciphertext was altered, or moved from another event or place"
        case .notJSON: "the opened value is not JSON"
        case .cipher: "the cipher failed"
        }
    }
}
