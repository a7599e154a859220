namespace StreamScorer.Tests.Simulation;

/// <summary>
/// A rule of PROTOCOL taken out of the simulation's stores: the run must then break a promise. The rules that live in
/// the loop's own code are taken out by the patches beside this file.
/// </summary>
internal enum Mutation
{
    None,

    /// <summary>A registration compares next_offset only.</summary>
    NoEpochInRegistration,

    /// <summary>A hot-lead write compares no epochs.</summary>
    NoEpochInHotLeadWrite,

    /// <summary>The same offset scored again does not replace the row.</summary>
    GuardIsGreaterOnly,

    /// <summary>A staged file is swept because it is not registered, whatever the epochs say.</summary>
    SweepEveryUnregisteredFile,

    /// <summary>A staged file is registered before it would survive a power loss.</summary>
    RegisterBeforeDurable,

    /// <summary>A registration does not notice that the database forgot hot leads in a crash.</summary>
    NoWitnessInRegistration,
}
