import Testing

@testable import PostgresDriver

@Suite("Configuration") struct ConfigurationTests {
    @Test func `a URL and key=value pairs say the same`() throws {
        let url = try PostgresConfiguration("postgres://me:pw@db.example:5433/main?sslmode=require")
        let pairs = try PostgresConfiguration(
            "host=db.example port=5433 user=me password=pw dbname=main sslmode=require")
        #expect(url.description == pairs.description)
        #expect(url.description == "PostgreSQL(host=db.example port=5433 dbname=main user=me sslmode=require)")
        #expect(url.options["password"] == "pw")
        #expect(url.applicationName == "lockstep")
        #expect(url.connectTimeout == .seconds(10))
    }

    @Test func `another database keeps everything else`() throws {
        let other = try PostgresConfiguration("postgres://me:pw@db/main").with(database: "else")
        #expect(other.database == "else")
        #expect(other.options["password"] == "pw")
    }

    @Test func `the string's own application name and time limit are kept`() throws {
        let configuration = try PostgresConfiguration("host=h application_name=mine connect_timeout=3")
        #expect(configuration.applicationName == "mine")
        #expect(configuration.connectTimeout == .seconds(3))
    }

    @Test func `several hosts are tried one by one`() throws {
        let endpoints = try PostgresConfiguration("host=a,b port=1,2").endpoints
        #expect(endpoints.map(\.options) == [["host": "a", "port": "1"], ["host": "b", "port": "2"]])
        let standby = try PostgresConfiguration("host=a,b port=5 target_session_attrs=prefer-standby").endpoints
        #expect(standby.map { $0.options["target_session_attrs"] } == ["standby", "standby", "any", "any"])
        #expect(standby.map { $0.options["port"] } == ["5", "5", "5", "5"])
    }

    @Test(arguments: [
        "postgres://u:p@ss-wörd@host/db", "postgres://u:sl/ash-secret@host/db", "postgres://u:12/secret@host/db",
        "host=postgres://u:secret@h dbname=x", "dbname=postgres://u:secret@h", "host=h password=two words-secret",
        "postgres://u:%zz-secret@h/db", "postgres://u:%00secret@h/db", "host=h port=secret", "postgres://u@h/db?secret",
        "host=h password='secret", "postgres://[u:secret", "host=h connect_timeout=secret", "secret",
        "host=h sslpassword=a secret",
    ])
    func `a string that cannot be read is refused without repeating it`(_ string: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(string) }
        #expect(error?.kind == .invalidConfiguration)
        for text in ["\(String(describing: error))", error?.debugDescription ?? "", "\(String(reflecting: error))"] {
            for piece in ["secret", "ss-w", "slash", "zz"] { #expect(!text.contains(piece)) }
        }
    }

    @Test func `no description of a configuration ever shows a password`() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("abcXYZ019 '\\\"@:/?#&=%+-_.~$!äß漢🙂")
        for _ in 0..<500 {
            let password =
                "pw"
                + String(
                    (0..<Int.random(in: 6...24)).map { _ in
                        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                    })
            let encoded = password.utf8.map { "%" + String(Int($0) + 256, radix: 16).suffix(2) }.joined()
            let quoted = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            for string in [
                "postgres://user:\(encoded)@host:5432/db?sslpassword=\(encoded)",
                "postgresql://user@host/db?password=\(encoded)",
                "host=host user=user password='\(quoted)' sslpassword='\(quoted)' dbname=db",
            ] {
                let configuration = try PostgresConfiguration(string)
                #expect(configuration.options["password"] == password)
                var dumped = ""
                dump(configuration, to: &dumped)
                let texts = [
                    "\(configuration)", configuration.debugDescription, String(reflecting: configuration), dumped,
                    "\([configuration])", "\(Optional(configuration) as Any)",
                    configuration.redacting("libpq says \(password)!"),
                ]
                for text in texts { #expect(!text.contains(password) && !text.contains(encoded)) }
            }
        }
    }

    @Test func `the code of a refusal is read from verbose text in any language`() {
        let refusal = VerboseRefusal(
            """
            Verbindung zum Server auf »127.0.0.1«, Port 5432 fehlgeschlagen: FATAL:  28P01: Passwort falsch
            LOCATION:  auth_failed, auth.c:335
            """
        )
        #expect(refusal.sqlState == .invalidPassword)
        #expect(refusal.message.hasSuffix("FATAL: Passwort falsch"))
        #expect(VerboseRefusal("could not connect: Connection refused").sqlState == nil)
    }
}
