import EventModel
import Testing

@Suite("Finding sealed values in bytes") struct SealedScanTests {
    private func mentions(_ text: String) -> [String] {
        var found: [String] = []
        Array(text.utf8).withUnsafeBytes { bytes in
            SealedScan.forEach(in: bytes) { mention in
                found.append(
                    "\(mention.generation) \(String(decoding: mention.subject, as: UTF8.self)) \(mention.byteCount)")
            }
        }
        return found
    }

    @Test(arguments: ["customer:7", "\"\\\"}}", "日本 é\u{301}", "a/b", "}}"])
    func `every sealed value is found, whatever its subject is called`(_ name: String) throws {
        let sealed = SealedValue(subject: name, key: "12", ciphertext: "AAAA")
        let value: JSONValue = ["a": sealed.value, "b": [1, sealed.value], "c": SealedValue.erased(subject: name)]
        let text = String(decoding: value.canonicalBytes(), as: UTF8.self)
        let subject = String(decoding: SealedScan.bytes(of: try DataSubject(name)), as: UTF8.self)
        let size = sealed.value.canonicalBytes().count
        #expect(mentions(text) == Array(repeating: "12 \(subject) \(size)", count: 2))
    }

    @Test func `text that looks like a sealed value is text`() {
        let inner = String(
            decoding: SealedValue(subject: "a", key: "1", ciphertext: "x").value.canonicalBytes(), as: UTF8.self)
        let value: JSONValue = ["a": .string(inner), "b": .string("$sealed"), "$sealed": "b"]
        #expect(mentions(String(decoding: value.canonicalBytes(), as: UTF8.self)).isEmpty)
    }

    @Test(arguments: [
        "", "$", "{\"$", #"{"$sealed":{"ct":""#, #"{"$sealed":{"ct":"AA","key":"1","subject":"a"#,
        #"{"$sealed":{"ct":"AA","key":"1","subject":"a"}"#, #"{"$sealed":{"ct":"AA","key":"x","subject":"a"}}"#,
        #"{"$sealed":{"ct":"AA","key":"99999999999","subject":"a"}}"#,
        #"{"$sealed":{"ct":"AA","key":"1","subject":7}}"#,
        #"{"$sealed":{"ct":"AA","key":"1","subject":"a\"#, #"{"$sealed":{"ct":"AA"}}"#,
    ]) func `what is cut off or misshapen is not found, and nothing breaks`(_ text: String) {
        #expect(mentions(text).isEmpty)
        let good = #"{"$sealed":{"ct":"AA","key":"3","subject":"b"}}"#
        #expect(mentions(text + good).count <= 1)
        #expect(mentions("\u{1}" + good) == [#"3 "b" 47"#])
    }
}
