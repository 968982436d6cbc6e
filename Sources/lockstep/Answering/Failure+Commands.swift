import Converting
import EventSourcing

extension Failure {
    /// What keeps a conversion from having a result.
    init(conversion fault: ConversionFault) {
        switch fault {
        case .failed(let error): self.init(error)
        case .targetChanged:
            self.init(.no, describing: fault.description, otherwise: "")
            hint = "convert it back first, or add --replace-changes"
        case .sourceChanged:
            self.init(.no, describing: fault.description, otherwise: "")
            hint = "export it again and repeat the edit, or add --replace-changes"
        case .illegalID: self.init(.usage, describing: fault.description, otherwise: "check the id")
        case .unknownSource, .hiddenSource, .refused, .rejected:
            self.init(.no, describing: fault.description, otherwise: "run the same command again")
        }
    }

    /// Others kept writing to the same streams.
    init(contention: JointContention) {
        self.init(.no, describing: contention.description, otherwise: "run the same command again")
    }
}

/// Why a command has brought about nothing, whatever rule it was for.
protocol CommandRefusal: Error {
    var failure: Failure { get }
}

extension CommandError: CommandRefusal {
    var failure: Failure {
        switch self {
        case .store(let error): Failure(error)
        case .rejected, .contended: Failure(.no, describing: description, otherwise: "run the same command again")
        case .unreadable:
            Failure(.environment, describing: description, otherwise: "install the version of Lockstep that wrote it")
        }
    }
}
