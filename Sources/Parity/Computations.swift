import Autograd
import Objectives

extension ParityCheck {
  /// What each case computes: its outputs by name, `loss` among them. Every shape and setting comes from the file.
  static let computations: [String: @Sendable (CaseInputs) throws -> [String: Tensor]] = [
    "gmc": { try gmc($0, negatives: .all) },
    "gmc_joint_negatives": { try gmc($0, negatives: .joints) },
    "clip_info_nce": clip,
    "nt_xent": simCLR,
    "siglip": sigLIP,
    "vse_sum": { try vse($0, hardest: false) },
    "vse_max": { try vse($0, hardest: true) },
    "triplet": triplet,
    "moco_info_nce": momentumContrast,
    "mct_tag": tagContrast,
    "mct_inter_hinge": queueHinge,
    "sparsemax": sparsemax,
    "fdt_head": finiteDiscreteTokens,
    "conv2d_batchnorm_relu": convolution,
    "causal_attention": attention,
    "lstm": lstm,
    "gru": gru,
    "temporal_conv1d": temporalConvolution,
    "mult_crossmodal": crossModalTransformer,
    "fusion_l1": fusionRegression,
    "ddpg_actor_critic": actorCritic,
    "mvae": mvae,
    "mopoe": mopoe,
    "jmvae_kl": jmvae,
    "mmvae_iwae": mmvae,
    "vq_straight_through": straightThrough,
    "vq_ema_step": codeAverages,
    "token_cross_entropy": tokenCrossEntropy,
    "gelu_quick": quickGELU,
    "cross_attention": crossAttention,
    "lstm_caption": recurrentCaption,
    "soft_attention_caption": softAttentionCaption,
    "prefix_lm": prefixLanguageModel,
    "med_block": multimodalBlock,
    "blip_itc": imageTextContrast,
    "blip_itm": imageTextMatching,
  ]
}
