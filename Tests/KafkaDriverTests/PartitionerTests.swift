import CRDKafka
import KafkaDriver
import Testing

@Suite("Partitioner") struct PartitionerTests {
    /// The vectors of Kafka's own `UtilsTest.testMurmur2`.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ])
    func `the hash is Kafka's`(_ key: String, _ expected: Int) {
        #expect(Array(key.utf8).withUnsafeBytes { Murmur2.hash($0) } == UInt32(bitPattern: Int32(expected)))
    }

    @Test func `random keys go where librdkafka sends them`() {
        var seed = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let key = (0..<Int.random(in: 0...40, using: &seed)).map { _ in UInt8.random(in: 0 ... .max, using: &seed) }
            let partitions = Int32.random(in: 1...1_000, using: &seed)
            let theirs = key.withUnsafeBytes { bytes in
                withUnsafeBytes(of: UInt8(0)) { empty in
                    rd_kafka_msg_partitioner_murmur2(
                        nil, bytes.baseAddress ?? empty.baseAddress, bytes.count, partitions, nil, nil)
                }
            }
            #expect(KafkaPartitioner.partition(key: key, partitions: Int(partitions)) == theirs, "key \(key)")
        }
    }

    @Test func `any sequence of bytes is a key`() {
        let lazy = "order-42".utf8.lazy.map { $0 }
        #expect(
            KafkaPartitioner.partition(key: lazy, partitions: 12)
                == KafkaPartitioner.partition(key: Array("order-42".utf8), partitions: 12))
    }
}
