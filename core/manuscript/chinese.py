"""The paragraph on methods in Chinese, in the terms of the field."""

from core.factors import factor
from core.language import reader
from core.language.joining import is_wide
from core.language.translation import tr
from core.manuscript.facts import Facts
from core.numerals import percent, whole

# Names of factors where a paper says more than a page, which has its title (core/factors.py).
FACTORS = {
    "blue": "蓝光波段（B2）",
    "green": "绿光波段（B3）",
    "red": "红光波段（B4）",
    "nir": "近红外波段（B8）",
    "relief": "地形起伏度",
    "roughness": "地表粗糙度",
    "tri": "地形崎岖度指数",
    "twi": "地形湿度指数",
    "ndvi": "归一化植被指数",
    "ndvi_change": "归一化植被指数变化",
    "v_slope": "沿坡向形变速率",
}
CODED = {
    "paper": "按数值直接输入",
    "recommended": "分别采用独热编码（类别）与正弦、余弦编码（方位）",
}
LOSSES = {
    "bce": "二元交叉熵",
    "weighted_bce": "加大滑坡像元权重的二元交叉熵",
    "focal": "焦点损失（focal loss）",
    "bce_dice": "二元交叉熵与Dice损失之和",
}
SCHEDULES = {
    "constant": "保持不变",
    "cosine": "按余弦降至零",
    "warmup_cosine": "在前二十分之一的步数内上升，随后按余弦降至零",
}
AUGMENTED = {
    "paper": "训练瓦片以全部八种翻转与旋转方式增强",
    "safe": "训练瓦片仅作南北翻转，以保持雷达视线方向的意义",
    "none": "未对瓦片作数据增强",
}
PARTS = {"train": "训练", "validation": "验证", "test": "测试"}
MONITORS = {
    "val_loss": "验证损失最低",
    "val_iou": "验证集滑坡交并比最高",
    "val_ap": "验证集平均精度最高",
}
SCORES = {
    "precision": "精确率",
    "recall": "召回率",
    "f1": "F1",
    "kappa": "Kappa系数",
    "miou": "平均交并比",
    "iou_landslide": "滑坡交并比",
}


def named(name: str) -> str:
    """A factor in Chinese; one that nobody knows keeps its own name."""
    with reader.speaking("zh"):
        known = FACTORS.get(name) or tr(factor(name).title)
    return known if any(map(is_wide, known)) else name


def paragraph(facts: Facts) -> str:
    """Data, factors, split, network, training, threshold and scores."""
    parts = (_data, _factors, _split, _network, _training, _kept, _map, _scores)
    return "".join(part(facts) for part in parts)


def notes(facts: Facts) -> list[str]:
    """What whoever takes the paragraph over should know."""
    said = ["文中数值均读自该次训练的记录；数据来源请自行补充。"]
    if facts.scene.synthetic:
        said.append("该研究区为合成数据，其精度不代表真实地面。")
    if facts.measured is None:
        said.append("该结果图尚未评价，因此没有精度指标。")
    return said


def _data(facts: Facts) -> str:
    scene = facts.scene
    kind = "合成研究区" if scene.synthetic else "研究区"
    if scene.kind == "tiles":
        size = f"{scene.grid.height // scene.tile}个独立的{scene.tile}像元瓦片"
    else:
        size = f"{whole(scene.grid.width)} × {whole(scene.grid.height)}像元"
    if facts.pixel_m is not None and facts.km2 is not None:
        size += f"、像元大小{facts.pixel_m:g} m（{facts.km2:.1f} km²）"
    on = f"，坐标系为{facts.system}" if facts.system else ""
    said = f"{kind}{scene.name}的全部因子统一到同一格网（{size}{on}）。"
    if scene.inventory:
        share = percent(scene.inventory["landslide_share"])
        said += f"滑坡编目含{whole(scene.inventory['polygons'])}处滑坡，占像元的{share}。"
    return said


def _factors(facts: Facts) -> str:
    config = facts.config
    names = "、".join(map(named, config.factors))
    motion = "含" if facts.moves else "不含"
    coded = "、".join(map(named, facts.coded))
    said = f"{coded}{CODED[config.coding]}；" if coded else ""
    scaled = "仅以训练瓦片的均值与标准差"
    if config.zscore == "kept":
        scaled = f"沿用{config.start_from}的均值与标准差"
    return (
        f"网络输入{len(config.factors)}个因子（{names}；数据集{config.dataset.upper()}，"
        f"{motion}InSAR形变速率）。{said}各因子{scaled}作z-score标准化。"
    )


def _split(facts: Facts) -> str:
    config = facts.config
    drawn = f"训练时从中随机裁取{config.crop}像元的方块。" if config.crop else ""
    counts = ""
    if facts.parts is not None:
        words = "、".join(f"{PARTS[part]}{n}个" for part, n in facts.parts.items() if n)
        several = len(config.learned_from) > 1
        counts = f"（{config.scene}：{words}）" if several else f"（{words}）"
    if facts.elsewhere or config.test_scene:
        learned = "、".join(config.learned_from)
        unseen = f"，未使用{facts.scene.name}的任何瓦片" if facts.elsewhere else ""
        return f"网络以{learned}的{config.tile}像元瓦片训练{counts}{unseen}。{drawn}"
    how = {
        "block": "按2 × 2瓦片的空间块并依滑坡占比分层",
        "paper": "按7:3分别对滑坡与非滑坡瓦片",
    }[config.split]
    fold = f"（{config.folds}折交叉验证的第{config.fold}折）" if config.fold else ""
    buffer = f"，各部分之间留{config.buffer}像元缓冲" if config.buffer else ""
    more = f"同时使用{'、'.join(facts.others)}的瓦片训练。" if facts.others else ""
    return f"{config.tile}像元的瓦片{how}划分{fold}{counts}{buffer}。{more}{drawn}"


def _network(facts: Facts) -> str:
    config = facts.config
    size = f"（{whole(facts.parameters)}个可训练参数）" if facts.parameters else ""
    start = f"，以{config.start_from}的网络为起点" if config.start_from else ""
    pretrained = "、ImageNet预训练编码器" if config.encoder_weights else ""
    return (
        f"滑坡识别采用{config.model_title}{size}（预设{config.preset}{pretrained}）{start}，"
        "输出每个像元的滑坡概率。"
    )


def _training(facts: Facts) -> str:
    config = facts.config
    dropped = f"，dropout为{config.dropout:g}" if config.dropout else ""
    share = config.landslide_share_of_batch
    mixed = f"（其中至少{percent(share)}含滑坡）" if share else ""
    averaged = f"验证采用权重的滑动平均（衰减{config.averaged:g}）。" if config.averaged else ""
    ran = facts.epochs_run
    epochs = f"{config.epochs}轮"
    if ran and ran != config.epochs:
        epochs = f"{ran}轮（至多{config.epochs}轮）"
    return (
        f"训练{epochs}，优化器为Adam（学习率{config.learning_rate:g}，{SCHEDULES[config.schedule]}），"
        f"批大小{config.batch}{mixed}，损失函数为{LOSSES[config.loss]}{dropped}，"
        f"随机种子{config.seed}。{AUGMENTED[config.augmentation]}。{averaged}"
    )


def _kept(facts: Facts) -> str:
    best = facts.best
    if best is None:
        return ""
    if best.monitor == "last":
        return f"保留最后一轮（第{best.epoch}轮）的权重。"
    value = f"（{best.value:.3g}）" if best.value is not None else ""
    return f"保留{MONITORS[best.monitor]}{value}的第{best.epoch}轮权重。"


def _map(facts: Facts) -> str:
    looks = f"，并对{facts.flips}种翻转与旋转的概率取平均" if facts.flips > 1 else ""
    point, why = facts.point, ""
    if point is not None and point.kind == "best-f1":
        why = "（验证瓦片上F1最高的阈值）"
    elif point is not None and point.kind == "recall":
        why = f"（验证瓦片上召回率达到{point.wanted:g}的最高阈值）"
    elif point is not None and point.kind == "guarantee":
        why = f"（以半数留出块作保形风险控制，保证平均召回率{point.wanted:g}）"
    return f"全区以重叠窗口预测{looks}；概率不低于阈值{facts.threshold:g}{why}的像元判为滑坡。"


def _scores(facts: Facts) -> str:
    measured = facts.measured
    if measured is None:
        return ""
    sure = measured.get("intervals") or {}
    figures = []
    for name, title in SCORES.items():
        ends = sure.get(name)
        interval = f"（90 %区间{ends[0]:.3f}–{ends[1]:.3f}）" if ends else ""
        figures.append(f"{title}为{measured[name]:.3f}{interval}")
    held = "未参与训练的" if facts.elsewhere or measured["area"] == "test" else ""
    return (
        f"在{held}{whole(measured['tiles'])}个瓦片上（滑坡像元占{percent(measured['prevalence'])}），"
        f"以阈值{measured['threshold']:g}对全部像元合并计数，{'、'.join(figures)}。"
        f"计算软件为{facts.software}。"
    )
