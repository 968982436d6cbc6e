/// What an entry of an archive is called. Nothing is ever written under such a name; but a name that leads elsewhere is the mark of an archive that
/// was made to do harm, and people would read it as a place.
enum ZipName {
    /// Whether a name is that of something inside the archive: relative, not upwards, without a drive, and showable.
    static func isSafe(_ name: String) -> Bool {
        guard !name.isEmpty, !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            return false
        }
        // Both separators count: which one is used depends on who unpacks.
        let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        guard parts.first?.isEmpty == false, !parts.contains("..") else { return false }
        return !hasDrive(name)
    }

    /// `C:` and its like.
    private static func hasDrive(_ name: String) -> Bool {
        let bytes = Array(name.utf8.prefix(2))
        guard bytes.count == 2, bytes[1] == UInt8(ascii: ":") else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[0] | 0x20)
    }

    /// A name as a message shows it.
    static func shown(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(80).map { $0.value < 0x20 ? "?" : $0 }))
    }
}
